/**
 * The settings of the apps, read from the environment.
 *
 * @module
 */
export {
  DEFAULT_PORT,
  LOG_LEVELS,
  type LogLevel,
  readSettings,
  type Settings,
  type SettingsDefaults,
} from './settings.ts';
