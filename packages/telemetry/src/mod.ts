/**
 * Metrics, logs and health checks.
 *
 * @module
 */
export { checkHealth, folderIsWritable, type HealthCheck, type HealthReport } from './health.ts';
export { createLogger, type Logger, type LoggerOptions } from './logger.ts';
export { createMetrics, type GaugeReading, type Metrics } from './metrics.ts';
