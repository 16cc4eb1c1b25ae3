/**
 * Tasks in PostgreSQL.
 *
 * @module
 */
export { createPostgresTaskStore, type PostgresTaskStoreOptions } from './postgres_task_store.ts';
