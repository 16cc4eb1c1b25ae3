import * as v from 'valibot';
import type { CallOptions, NessusClient } from './client.ts';

/** A kind of scan that can be created. */
export interface ScanTemplate {
  uuid: string;
  /** Such as `basic` or `advanced`. */
  name: string;
  title?: string | undefined;
  is_agent?: boolean | null | undefined;
}

const TemplatesSchema: v.GenericSchema<unknown, { templates: ScanTemplate[] }> = v.looseObject({
  templates: v.array(
    v.looseObject({
      uuid: v.string(),
      name: v.string(),
      title: v.optional(v.string()),
      is_agent: v.nullish(v.boolean()),
    }),
  ),
});

/** GET /editor/scan/templates */
export async function listScanTemplates(
  client: NessusClient,
  options: CallOptions = {},
): Promise<ScanTemplate[]> {
  return (await client.call(TemplatesSchema, 'GET', '/editor/scan/templates', options)).templates;
}

/** GET /editor/scan/{id}: a scan's configuration, as the editor shows it. Its shape differs by version. */
export function getScanConfiguration(
  client: NessusClient,
  scanId: number,
  options: CallOptions = {},
): Promise<unknown> {
  return client.call(v.unknown(), 'GET', `/editor/scan/${scanId}`, options);
}
