/**
 * PostgreSQL: connections, and what its errors mean. Migrations are in `@nmcp/database/migrations`, also of other databases. What the database of tasks holds is in `@nmcp/database/state`.
 *
 * @module
 */
export { connectPostgres, type PostgresConnection, type PostgresPlace } from './connect_postgres.ts';
