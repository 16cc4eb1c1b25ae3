import type { CallOptions } from '../call.ts';
import { TemplateNotFoundError } from '../errors.ts';
import type { NessusClient } from '../nessus_client.ts';
import { type EditorKind, listTemplates, type Template } from './editor.ts';

/**
 * Finds a template by its name, such as `basic` or `advanced`: uuids differ by scanner.
 *
 * @throws {TemplateNotFoundError} with the names that the scanner has
 */
export async function findTemplate(
  client: NessusClient,
  kind: EditorKind,
  name: string,
  options: CallOptions = {},
): Promise<Template> {
  const templates = await listTemplates(client, kind, options);
  const found = templates.find((template) => template.name === name);
  if (found) return found;
  throw new TemplateNotFoundError(
    kind,
    name,
    templates.map((template) => template.name),
  );
}
