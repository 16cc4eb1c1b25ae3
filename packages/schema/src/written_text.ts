import { type Finding, textOf } from './finding.ts';

/** What numbers of findings were before they became numbers, where that says more: `10.0`. */
const written = new WeakMap<Finding, Record<string, string>>();
/** Findings by what was made of them, which differs from them by host and output. */
const variants = new WeakMap<Finding, Finding>();

/** Remembers how a number was written. */
export function noteWritten(finding: Finding, field: string, text: string): void {
  if (String(finding[field]) === text) return;
  const noted = written.get(finding) ?? {};
  noted[field] = text.trim();
  written.set(finding, noted);
}

/** Remembers that a finding is another one on another host, so that what was made of the one can be used for the other. */
export function noteVariant(finding: Finding, like: Finding): Finding {
  variants.set(finding, variants.get(like) ?? like);
  return finding;
}

/**
 * What a finding has in common with others of the same plugin: the same object for all of them. Fields of the finding that were
 * changed since it was read differ from it.
 */
export function variantOf(finding: Finding): Finding {
  return variants.get(finding) ?? finding;
}

/** A field's text, numbers as the document has them. */
export function writtenText(finding: Finding, field: string): string {
  const value = finding[field];
  if (typeof value !== 'number') return textOf(value);
  const like = variantOf(finding);
  const text = written.get(like)?.[field];
  return text !== undefined && like[field] === value ? text : String(value);
}
