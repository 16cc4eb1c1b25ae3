import { NmcpError, unknownName } from '@nmcp/types/core';
import { FIELDS } from './field_catalogue.ts';
import { HOST_FIELDS } from './host_facts.ts';

/** Names of {@linkcode FIELDS}; a scan can have others. */
export const KNOWN_FIELDS: ReadonlySet<string> = new Set(FIELDS.map(({ name }) => name));

/** Fields that are worth naming first. */
const USUAL = [
  'host',
  'severity',
  'plugin_id',
  'plugin_name',
  'port',
  'cve',
  'cvss_score',
  'solution',
  ...HOST_FIELDS,
];

/**
 * Refuses field names that neither real scans nor this document have.
 *
 * @param seen fields that occur in the document
 * @param where names the input in the error, such as `filters`
 * @throws {NmcpError} `invalid_input` naming the field, the nearest ones and those of the document.
 */
export function assertFields(names: Iterable<string>, seen: ReadonlySet<string>, where: string): void {
  for (const name of names) {
    if (KNOWN_FIELDS.has(name) || seen.has(name)) continue;
    throw new NmcpError('invalid_input', unknownName(`${where}: the field`, name, [...USUAL, ...seen]), {
      title: `Invalid ${where}`,
    });
  }
}
