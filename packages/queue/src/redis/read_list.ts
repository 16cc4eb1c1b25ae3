import type { RedisConnection } from './connection.ts';
import { isList } from './read_reply.ts';

/** Runs a command that answers a list of texts. */
export async function readList(
  connection: RedisConnection,
  command: string,
  key: string,
  ...range: string[]
): Promise<string[]> {
  const reply = await connection.command(command, key, ...range);
  return isList(reply) ? reply.map(String) : [];
}
