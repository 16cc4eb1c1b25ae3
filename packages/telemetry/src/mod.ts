/**
 * Metrics, logs, traces and health checks.
 *
 * @module
 */

export type { GaugeReading, ZoneReading } from './gauges.ts';
export {
  checkHealth,
  folderIsWritable,
  type HealthCheck,
  type HealthReport,
  type ScannerHealth,
  scannersHealth,
} from './health.ts';
export { createLogger, type Logger, type LoggerOptions } from './logger.ts';
export { createMetrics, type Metrics } from './metrics.ts';
export { type GaugeSources, readGauges } from './read_gauges.ts';
export { SecretValues } from './secret_values.ts';
export { type StatusAnswer, type StatusPages, type StatusServer, serveStatus } from './status_server.ts';
export { inSpan, type SpanOptions, type TraceCarrier, traceCarrier } from './tracing.ts';
