import * as v from 'valibot';
import type { CallOptions } from '../call.ts';
import type { NessusClient } from '../nessus_client.ts';
import { text } from './fields.ts';

/** The proxy through which the scanner gets its plugins. */
export interface ProxySettings {
  proxy?: string | null | undefined;
  proxy_port?: string | number | null | undefined;
  /** `auto`, `basic`, `digest`, `none` or `ntlm`. */
  proxy_auth?: string | null | undefined;
  proxy_username?: string | null | undefined;
  user_agent?: string | null | undefined;
}

const ProxySchema: v.GenericSchema<unknown, ProxySettings> = v.looseObject({
  proxy: text,
  proxy_port: v.nullish(v.union([v.string(), v.number()])),
  proxy_auth: text,
  proxy_username: text,
  user_agent: text,
});

/** GET /settings/network/proxy: the proxy through which the scanner gets its plugins. */
export function getProxySettings(client: NessusClient, options: CallOptions = {}): Promise<ProxySettings> {
  return client.call(ProxySchema, 'GET', '/settings/network/proxy', options);
}

/** PUT /settings/network/proxy: replaces these settings. */
export function setProxySettings(
  client: NessusClient,
  settings: ProxySettings & { proxy_password?: string },
  options: CallOptions = {},
): Promise<void> {
  return client.run('PUT', '/settings/network/proxy', { ...options, body: { ...settings } });
}
