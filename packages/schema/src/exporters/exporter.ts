import { complianceOf } from '../compliance.ts';
import { type Finding, listOf, textOf } from '../finding.ts';
import type { FoundFinding } from '../found_finding.ts';
import type { NessusEvent } from '../nessus_handler.ts';

/** A document's events, a batch a chunk of input. */
export type NessusEvents = AsyncIterable<NessusEvent[]>;

/** Options of exporters; each looks at those that it has a use for. */
export interface ExportOptions {
  /** csv, xlsx: fields in place of Nessus's own columns. */
  fields?: readonly string[] | undefined;
  /** csv, xlsx: the host's fields behind the other columns. @default false */
  hosts?: boolean | undefined;
  /** ocsf: time of events whose report states none, in milliseconds since 1970. @default now */
  time?: number | undefined;
  /** csv, html, md, xlsx: rows that a table has at most, for tests of large ones. @default the format's own limit */
  maxRows?: number | undefined;
}

/** Characters that exporters hand on together: more costs more, since it does not fit into the processor's cache. */
export const PIECE_LENGTH = 65_536;

/** Turns a document's events into text or bytes of another format, as they come. */
export type Exporter<T extends string | Uint8Array = string | Uint8Array> = (
  events: NessusEvents,
  options?: ExportOptions,
) => AsyncGenerator<T>;

/** What a finding is called: the plugin's name, and of a compliance check the check's. */
export function titleOf(finding: Finding): string {
  return complianceOf(finding)?.name || listOf(finding.plugin_name)[0] || '';
}

/** Addresses of further reading, without what is none. */
export function linksOf(finding: Finding): string[] {
  const links = new Set<string>();
  for (const text of listOf(finding.see_also)) for (const line of text.split('\n')) addLink(links, line);
  for (const line of complianceOf(finding)?.seeAlso ?? []) addLink(links, line);
  return [...links];
}

function addLink(links: Set<string>, line: string): void {
  const link = line.trim();
  if (!/^https?:\/\/\S+$/i.test(link)) return;
  try {
    links.add(new URL(link).href); // asking first whether it can be read takes as long as reading it
  } catch {
    // it is no address
  }
}

/** CVE numbers of a finding. */
export function cvesOf(finding: Finding): string[] {
  const cves: string[] = [];
  for (const cve of listOf(finding.cve)) if (cve !== '') cves.push(cve);
  return cves;
}

/** Weaknesses as `CWE-79`, from the elements and the references. */
export function cwesOf(finding: Finding): string[] {
  const cwes = new Set<string>();
  for (const text of listOf(finding.cwe)) addCwe(cwes, /\d+/.exec(text)?.[0]);
  for (const reference of listOf(finding.xref)) addCwe(cwes, /^CWE:(\d+)$/.exec(reference.trim())?.[1]);
  return [...cwes];
}

function addCwe(cwes: Set<string>, number: string | undefined): void {
  if (number !== undefined) cwes.add(`CWE-${number}`);
}

/** What removes a finding. */
export function solutionOf(finding: Finding): string {
  return textOf(finding.solution).trim() || complianceOf(finding)?.solution.trim() || '';
}

/** What the scanner saw: the plugin's output, and of a compliance check what it wanted and what there is. */
export function outputOf({ like, output }: FoundFinding): string {
  const check = complianceOf(like);
  if (!check) return textOf(output);
  const parts = [
    check?.policyValue ? `Policy value:\n${check.policyValue}` : '',
    check?.actualValue ? `Actual value:\n${check.actualValue}` : '',
    textOf(output),
  ];
  return parts.filter((part) => part.trim() !== '').join('\n\n');
}
