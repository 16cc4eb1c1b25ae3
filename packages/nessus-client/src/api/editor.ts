import * as v from 'valibot';
import type { CallOptions } from '../call.ts';
import type { NessusClient } from '../nessus_client.ts';
import { flag, part, text } from './fields.ts';

/** What is edited. */
export type EditorKind = 'scan' | 'policy';

/** A kind of scan or policy that can be created. */
export interface Template {
  uuid: string;
  /** Such as `basic` or `advanced`. */
  name: string;
  title?: string | null | undefined;
  desc?: string | null | undefined;
  is_agent?: boolean | null | undefined;
}

const TemplateSchema: v.GenericSchema<unknown, Template> = v.looseObject({
  uuid: v.string(),
  name: v.string(),
  title: text,
  desc: text,
  is_agent: flag,
});

const TemplatesSchema: v.GenericSchema<unknown, { templates: Template[] }> = v.looseObject({
  templates: v.array(TemplateSchema),
});

/** GET /editor/{type}/templates: what scans or policies can be made of. */
export async function listTemplates(
  client: NessusClient,
  kind: EditorKind,
  options: CallOptions = {},
): Promise<Template[]> {
  return (await client.call(TemplatesSchema, 'GET', `/editor/${kind}/templates`, options)).templates;
}

/** GET /editor/{type}/templates/{uuid}: the fields of a template. Their shape differs by version. */
export function getTemplate(
  client: NessusClient,
  kind: EditorKind,
  uuid: string,
  options: CallOptions = {},
): Promise<unknown> {
  return client.call(v.unknown(), 'GET', `/editor/${kind}/templates/${part(uuid)}`, options);
}

/** GET /editor/{type}/{id}: a scan's or a policy's configuration, as the editor shows it. Its shape differs by version. */
export function getConfiguration(
  client: NessusClient,
  kind: EditorKind,
  id: number,
  options: CallOptions = {},
): Promise<unknown> {
  return client.call(v.unknown(), 'GET', `/editor/${kind}/${id}`, options);
}
