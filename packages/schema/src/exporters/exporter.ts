import type { FieldValue, Finding } from '../finding.ts';
import type { NessusEvent } from '../nessus_handler.ts';

/** A document's events, a batch a chunk of input. */
export type NessusEvents = AsyncIterable<NessusEvent[]>;

/** Turns a document's events into the text of another format, as they come. */
export type Exporter = (events: NessusEvents) => AsyncGenerator<string>;

/** A field's text; the elements of a list joined. */
export function textOf(value: FieldValue | undefined, separator = '\n'): string {
  if (value === undefined || value === null) return '';
  return Array.isArray(value) ? value.join(separator) : String(value);
}

/** A field's elements as texts. */
export function listOf(value: FieldValue | undefined): string[] {
  return [value ?? []].flat().map(String);
}

/** The plugin's name, of which there can be two. */
export function titleOf(finding: Finding): string {
  return listOf(finding.plugin_name)[0] ?? '';
}

/** Severity from 0 to 4; 0 where it is none of these. */
export function severityOf(finding: Finding): 0 | 1 | 2 | 3 | 4 {
  const severity = Number(finding.severity);
  return severity === 1 || severity === 2 || severity === 3 || severity === 4 ? severity : 0;
}

/** Words for severities 0 to 4. */
export const SEVERITY_WORDS = ['Info', 'Low', 'Medium', 'High', 'Critical'] as const;

/** A text without characters that would change how other text is shown: control, bidi, zero-width, tags. */
export function cleanText(text: string): string {
  return text.replaceAll(/[^\P{C}\n\t]|[\u{e0000}-\u{e007f}]/gu, '');
}
