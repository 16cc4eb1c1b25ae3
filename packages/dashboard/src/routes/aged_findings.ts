import type { Caller } from '@nmcp/access';
import { type FindingsAsked, type FoundFinding, type Services, searchFindings } from '@nmcp/scans';
import type { SearchFindingsInput } from '@nmcp/types';
import type { AgedFindings } from '../pages/aged_findings_table.tsx';

/** Lines of an answer: a head, findings, and how to go on. */
type Line =
  | FoundFinding
  | { type: 'schema'; matching_findings: number; empty?: { why: string } }
  | { type: 'pagination'; page: number; total_pages: number };

/** A page of findings over time, as values. @throws {NmcpError} those of `searchFindings` */
export async function agedFindings(
  services: Services,
  caller: Caller,
  input: SearchFindingsInput & Pick<FindingsAsked, 'asset' | 'key'>,
  signal: AbortSignal,
): Promise<AgedFindings> {
  const answer = await searchFindings(services, caller, input, signal);
  const lines = 'lines' in answer ? answer.lines.map((line): Line => JSON.parse(line)) : [];
  const aged: AgedFindings = { findings: [], total: 0, page: input.page, pages: 1 };
  const findings: FoundFinding[] = [];
  for (const line of lines) {
    if (line.type === 'vulnerability') findings.push(line);
    else if (line.type === 'schema') [aged.total, aged.why] = [line.matching_findings, line.empty?.why];
    else aged.pages = line.total_pages;
  }
  return { ...aged, findings };
}
