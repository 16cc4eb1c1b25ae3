/**
 * The web dashboard, rendered on the server.
 *
 * @module
 */
export { createDashboard, DASHBOARD_PATHS, type DashboardOptions } from './create_dashboard.tsx';
export type { DashboardBindings, DashboardEnv } from './routes/dashboard_env.ts';
