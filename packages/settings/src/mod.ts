/**
 * The settings of the apps, read from the environment.
 *
 * @module
 */
export { LOG_LEVELS, type LogLevel } from './log_level.ts';
export { DEFAULT_PORT, readSettings, SETTING_NAMES } from './read_settings.ts';
export type { Settings, SettingsDefaults } from './settings.ts';
