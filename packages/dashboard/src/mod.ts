/**
 * The dashboard: pages for people, made on the server.
 *
 * @module
 */
export { createDashboard, DASHBOARD_PATHS } from './create_dashboard.tsx';
export type { DashboardEnv, DashboardOptions, DashboardServices } from './options.ts';
