export { openPostgresStore } from './store/postgres.ts';
export { openSqliteStore } from './store/sqlite.ts';
