import * as v from 'valibot';
import type { CallOptions } from '../call.ts';
import { NessusApiError, ScannerUnreachableError } from '../errors.ts';
import type { NessusClient } from '../nessus_client.ts';
import { sleep } from '../sleep.ts';
import { facts, number, seconds, text, word } from './fields.ts';

/** Whether the scanner is ready. */
export interface ServerStatus {
  /** `ready`, or `loading` while plugins compile. */
  status: string;
  /** Percent of the loading done; null when there is nothing to load. */
  progress?: number | null | undefined;
  /** How far the parts of the service are; since Nessus 8. */
  detailed_status?: Record<string, unknown> | null | undefined;
}

const ServerStatusSchema: v.GenericSchema<unknown, ServerStatus> = v.looseObject({
  status: word,
  progress: number,
  detailed_status: facts,
});

/** What the scanner is. */
export interface ServerProperties {
  /** Such as `Nessus Manager`. */
  nessus_type?: string | null | undefined;
  nessus_ui_version?: string | null | undefined;
  server_version?: string | null | undefined;
  server_uuid?: string | null | undefined;
  feed?: string | null | undefined;
  loaded_plugin_set?: string | null | undefined;
  /** Unix seconds. */
  expiration?: number | null | undefined;
  capabilities?: Record<string, unknown> | null | undefined;
  license?:
    | {
        type?: string | null | undefined;
        name?: string | null | undefined;
        /** Addresses that may be scanned. */
        ips?: number | null | undefined;
        features?: Record<string, unknown> | null | undefined;
      }
    | null
    | undefined;
}

const ServerPropertiesSchema: v.GenericSchema<unknown, ServerProperties> = v.looseObject({
  nessus_type: text,
  nessus_ui_version: text,
  server_version: text,
  server_uuid: text,
  feed: text,
  loaded_plugin_set: text,
  expiration: seconds,
  capabilities: facts,
  license: v.fallback(
    v.nullish(
      v.looseObject({
        type: text,
        name: text,
        ips: number,
        features: facts,
      }),
    ),
    undefined,
  ),
});

/**
 * GET /server/status: whether the scanner is ready. Needs no login. One that loads answers 503 with the same body, or 200 and
 * `ready` while its engine still loads: the status is `loading` then.
 */
export async function getServerStatus(
  client: NessusClient,
  options: CallOptions = {},
): Promise<ServerStatus> {
  const status = await client
    .call(ServerStatusSchema, 'GET', '/server/status', options)
    .catch((error: unknown): ServerStatus => {
      if (!(error instanceof NessusApiError) || error.httpStatus !== 503) throw error;
      const said = v.safeParse(ServerStatusSchema, error.body);
      return said.success ? said.output : { status: 'loading' };
    });
  return status.status === 'ready' && isLoading(status) ? { ...status, status: 'loading' } : status;
}

/** Whether a part of the service says that it loads. */
function isLoading({ detailed_status: parts }: ServerStatus): boolean {
  return Object.values(parts ?? {}).some(
    (part) => part !== null && typeof part === 'object' && 'status' in part && part.status === 'loading',
  );
}

/** GET /server/properties: version, licence and feed. */
export function getServerProperties(
  client: NessusClient,
  options: CallOptions = {},
): Promise<ServerProperties> {
  return client.call(ServerPropertiesSchema, 'GET', '/server/properties', options);
}

/** GET /server/restart: restarts the service, or its web server only. */
export function restartServer(
  client: NessusClient,
  how: { reason?: string; soft?: boolean; whenIdle?: boolean } = {},
  options: CallOptions = {},
): Promise<void> {
  const query = { reason: how.reason, soft: how.soft, when_idle: how.whenIdle };
  return client.run('GET', '/server/restart', { ...options, query });
}

/** Whether the licence lets scans be created by the API; `undefined` when the scanner does not say. */
export async function scanApiAvailable(
  client: NessusClient,
  options: CallOptions = {},
): Promise<boolean | undefined> {
  const said = (await getServerProperties(client, options)).license?.features?.scan_api;
  return typeof said === 'boolean' ? said : undefined;
}

/** Milliseconds between two looks at a scanner that loads. */
const READY_POLL_MS = 1000;

/**
 * Waits until the scanner is ready: after a start or an update it compiles plugins for some minutes.
 *
 * @param options.maxWaitMs milliseconds, after which `scanner_unreachable` is thrown. @default 600000
 */
export async function waitUntilReady(
  client: NessusClient,
  { maxWaitMs = 600_000, ...options }: CallOptions & { maxWaitMs?: number } = {},
): Promise<void> {
  for (let waited = 0; ; waited += READY_POLL_MS) {
    const { status, progress } = await getServerStatus(client, options);
    if (status === 'ready') return;
    if (waited >= maxWaitMs) {
      throw new ScannerUnreachableError(
        `The scanner at ${client.origin} is not ready after ${maxWaitMs} ms: ${status}${progress == null ? '' : `, ${progress} %`}`,
        'GET /server/status',
        undefined,
      );
    }
    await sleep(READY_POLL_MS, options.signal);
  }
}
