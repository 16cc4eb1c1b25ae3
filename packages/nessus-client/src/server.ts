import * as v from 'valibot';
import type { CallOptions, NessusClient } from './client.ts';

/** Whether the scanner is ready. */
export interface ServerStatus {
  /** `ready`, or `loading` while plugins compile. */
  status: string;
  /** Percent of the loading done; null when there is nothing to load. */
  progress?: number | null | undefined;
}

const ServerStatusSchema: v.GenericSchema<unknown, ServerStatus> = v.looseObject({
  status: v.string(),
  progress: v.nullish(v.number()),
});

/** What the scanner is. */
export interface ServerProperties {
  /** Such as `Nessus Manager`. */
  nessus_type?: string | undefined;
  server_version?: string | undefined;
  server_uuid?: string | undefined;
  loaded_plugin_set?: string | undefined;
  license?:
    | {
        type?: string | undefined;
        name?: string | undefined;
        ips?: number | undefined;
        features?: Record<string, unknown> | undefined;
      }
    | undefined;
}

const ServerPropertiesSchema: v.GenericSchema<unknown, ServerProperties> = v.looseObject({
  nessus_type: v.optional(v.string()),
  server_version: v.optional(v.string()),
  server_uuid: v.optional(v.string()),
  loaded_plugin_set: v.optional(v.string()),
  license: v.optional(
    v.looseObject({
      type: v.optional(v.string()),
      name: v.optional(v.string()),
      ips: v.optional(v.number()),
      features: v.optional(v.record(v.string(), v.unknown())),
    }),
  ),
});

/** GET /server/status */
export function getServerStatus(client: NessusClient, options: CallOptions = {}): Promise<ServerStatus> {
  return client.call(ServerStatusSchema, 'GET', '/server/status', options);
}

/** GET /server/properties */
export function getServerProperties(
  client: NessusClient,
  options: CallOptions = {},
): Promise<ServerProperties> {
  return client.call(ServerPropertiesSchema, 'GET', '/server/properties', options);
}

/** Whether the licence lets scans be created by the API; `undefined` when the scanner does not say. */
export async function scanApiAvailable(
  client: NessusClient,
  options: CallOptions = {},
): Promise<boolean | undefined> {
  const said = (await getServerProperties(client, options)).license?.features?.scan_api;
  return typeof said === 'boolean' ? said : undefined;
}
