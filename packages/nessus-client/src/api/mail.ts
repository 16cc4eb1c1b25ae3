import * as v from 'valibot';
import type { CallOptions } from '../call.ts';
import type { NessusClient } from '../nessus_client.ts';
import { text } from './fields.ts';

/** How the scanner sends mail. */
export interface MailSettings {
  smtp_host?: string | null | undefined;
  smtp_port?: string | number | null | undefined;
  smtp_enc?: string | null | undefined;
  smtp_from?: string | null | undefined;
  smtp_www_host?: string | null | undefined;
  smtp_user?: string | null | undefined;
  smtp_auth?: string | null | undefined;
}

const MailSchema: v.GenericSchema<unknown, MailSettings> = v.looseObject({
  smtp_host: text,
  smtp_port: v.nullish(v.union([v.string(), v.number()])),
  smtp_enc: text,
  smtp_from: text,
  smtp_www_host: text,
  smtp_user: text,
  smtp_auth: text,
});

/** GET /settings/network/mail: how the scanner sends mail. */
export function getMailSettings(client: NessusClient, options: CallOptions = {}): Promise<MailSettings> {
  return client.call(MailSchema, 'GET', '/settings/network/mail', options);
}

/** PUT /settings/network/mail: replaces these settings. */
export function setMailSettings(
  client: NessusClient,
  settings: MailSettings & { smtp_pass?: string },
  options: CallOptions = {},
): Promise<void> {
  return client.run('PUT', '/settings/network/mail', { ...options, body: { ...settings } });
}
