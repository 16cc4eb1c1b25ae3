/** Layout of the embedded store; applied at every opening. */
export const SCHEMA = `
CREATE TABLE IF NOT EXISTS waiting (
  pool TEXT NOT NULL, position INTEGER NOT NULL, task_id TEXT NOT NULL, entry TEXT NOT NULL,
  PRIMARY KEY (pool, position)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS waiting_task ON waiting (task_id);
CREATE TABLE IF NOT EXISTS inflight (
  task_id TEXT PRIMARY KEY, pool TEXT NOT NULL, entry TEXT NOT NULL, fence INTEGER NOT NULL,
  consumer TEXT NOT NULL, expires_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS inflight_expiry ON inflight (pool, expires_at);
CREATE TABLE IF NOT EXISTS failed_attempts (task_id TEXT PRIMARY KEY, attempts TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS dead (
  id INTEGER PRIMARY KEY, pool TEXT NOT NULL, task_id TEXT NOT NULL, letter TEXT NOT NULL, failed_at INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS dead_pool ON dead (pool, failed_at);
CREATE TABLE IF NOT EXISTS idempotency (
  key TEXT PRIMARY KEY, task_id TEXT NOT NULL, request_hash TEXT NOT NULL, expires_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS fence (pool TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS slots (
  scanner TEXT NOT NULL, holder TEXT NOT NULL, expires_at INTEGER NOT NULL, PRIMARY KEY (scanner, holder)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS circuits (
  scanner TEXT PRIMARY KEY, failures INTEGER NOT NULL, failed_at INTEGER NOT NULL, open_until INTEGER, probe_until INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS drained (scanner TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS last_used (scanner TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;
`;
