/** What a field of a finding can hold. */
export type FieldValue = string | number | boolean | null | readonly (string | number | boolean | null)[];

/**
 * One ReportItem: a plugin's result on one port of one host.
 *
 * The first fields are the ReportItem's attributes, as text like in the file; every child element follows under its own
 * tag. `cve` is always a list, the base scores are numbers, `exploit_available` is a boolean, and an element that occurs
 * more than once is a list. The name and type of an attachment are `attachment_name` and `attachment_type`. An element that is
 * called like an attribute of the ReportItem is left out where it says the same, else it is `item_` and its name.
 *
 * A compliance check has the `cm:` fields of newer reports, also where an old one says it all in the description;
 * `cm:compliance-reference` is a list.
 */
export interface Finding {
  type: 'vulnerability';
  host: string;
  plugin_id: string | null;
  plugin_name: FieldValue;
  plugin_family: string | null;
  /** "0" info, "1" low, "2" medium, "3" high, "4" critical. */
  severity: string | null;
  port: string | null;
  svc_name: string | null;
  protocol: string | null;
  [field: string]: FieldValue;
}

/** A scanned host. */
export interface Host {
  /** The name in the report: what the scan was aimed at. */
  name: string;
  /** HostProperties by name; the last of several under one name. */
  properties: Readonly<Record<string, string>>;
}

/** A text as a number where it is one, else the text; null when it is empty. */
function score(text: string): FieldValue {
  const trimmed = text.trim();
  if (trimmed === '') return null;
  const value = Number(trimmed);
  return Number.isFinite(value) ? value : text;
}

/** Fields whose text becomes something else; `cve` is a list, which is empty when the element is. */
const CONVERT: ReadonlyMap<string, (text: string) => FieldValue> = new Map([
  ['cvss_base_score', score],
  ['cvss3_base_score', score],
  ['cvss_score', score],
  ['exploit_available', (text: string): FieldValue => text.toLowerCase() === 'true'],
  ['cve', (text: string): FieldValue => (text.trim() === '' ? [] : [text])],
]);

/** Fields whose text does not stay as it is. */
export const CONVERTED: readonly string[] = [...CONVERT.keys()];

/** What the text of a child element becomes. */
export function fieldValue(field: string, text: string): FieldValue {
  const convert = CONVERT.get(field);
  return convert ? convert(text) : text;
}

/** A field's text; the elements of a list joined. */
export function textOf(value: FieldValue | undefined, separator = '\n'): string {
  if (value === undefined || value === null) return '';
  return Array.isArray(value) ? value.join(separator) : String(value);
}

/** A field's elements as texts. */
export function listOf(value: FieldValue | undefined): string[] {
  const list: string[] = []; // filled one by one, lists are of one kind to V8, empty or not
  if (Array.isArray(value)) for (const one of value) list.push(String(one));
  else if (value !== undefined && value !== null) list.push(String(value));
  return list;
}

/** Fields of base scores, newest version of CVSS first. */
const BASE_SCORES = ['cvss4_base_score', 'cvss3_base_score', 'cvss_base_score'];

/** The base score of the highest CVSS version that there is among a finding's fields. */
export function bestScore(fieldOf: (field: string) => FieldValue | undefined): number | undefined {
  for (const field of BASE_SCORES) {
    const value = fieldOf(field);
    const number = typeof value === 'string' ? score(value) : value;
    if (typeof number === 'number') return number;
  }
  return undefined;
}
