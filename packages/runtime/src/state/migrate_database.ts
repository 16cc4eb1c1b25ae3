/**
 * Makes the tables of the database of tasks, or brings them to this version.
 *
 * @returns the names of the changes that were made, and where, without user and password
 * @throws {NmcpError} `invalid_config`, `unavailable`
 */
export async function migrateDatabase(url: string): Promise<{ made: string[]; where: string }> {
  const { openMigrated } = await import('@nmcp/database/state');
  const { database, made } = await openMigrated({ url });
  await using _ = database;
  return { made, where: database.where };
}
