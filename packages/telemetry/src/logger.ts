import { type DestinationStream, destination, type LevelWithSilent, type Logger, pino } from 'pino';

import type { SecretValues } from './secret_values.ts';

export type { Logger } from 'pino';

/** Options of {@linkcode createLogger}. */
export interface LoggerOptions {
  /** @default "info" */
  level?: LevelWithSilent;
  /** Which app writes, such as `worker`. */
  app: string;
  /** @default "production" */
  environment?: string;
  /** Values that no line may contain. */
  secrets?: SecretValues | undefined;
  /** @default standard error, since standard output belongs to what an app prints */
  stream?: DestinationStream;
}

const SECRET_FIELDS = [
  'password',
  'ssh_password',
  'escalation_password',
  'secretKey',
  'accessKey',
  'token',
  'credentials',
  'authorization',
];

/**
 * Makes a logger of JSON lines. Fields whose name says that they are secret are replaced, one level deep too, and so are
 * known secret values wherever they occur.
 *
 * @example
 * ```ts
 * import { createLogger } from '@nmcp/telemetry';
 *
 * const lines: string[] = [];
 * const log = createLogger({ app: 'worker', stream: { write: (line) => lines.push(line) } });
 * log.info({ task_id: 't', password: 'hunter2' }, 'scan created');
 * console.assert(!lines.join().includes('hunter2'));
 * ```
 */
export function createLogger(options: LoggerOptions): Logger {
  const { secrets } = options;
  return pino(
    {
      level: options.level ?? 'info',
      base: { app: options.app, environment: options.environment ?? 'production' },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: SECRET_FIELDS.flatMap((name) => [name, `*.${name}`]), censor: '[redacted]' },
      ...(secrets ? { hooks: { streamWrite: (line: string) => secrets.censor(line) } } : {}),
    },
    options.stream ?? destination({ fd: 2, sync: true }),
  );
}
