import type { Filters } from '@nmcp/types';
import type { Finding } from './finding.ts';
import type { HostFacts } from './host_facts.ts';
import type { Page } from './pages.ts';
import { type Projection, project } from './profiles.ts';

/** What is known of a scan beside its findings. */
export interface ScanMetadata {
  scan_name: string;
  policy_name?: string | undefined;
  hosts: number;
  /** ISO 8601 in UTC. */
  scan_start?: string | undefined;
  /** ISO 8601 in UTC. */
  scan_end?: string | undefined;
  /** The scan ended before it was done, and has not looked at everything. */
  partial?: true | undefined;
}

/**
 * The first line: which fields and filters, and how many findings there are.
 *
 * @param page absent where a cursor leads from page to page, so that there are no numbers of pages
 */
export function schemaLine(
  projection: Projection,
  filters: Filters,
  total: number,
  page: Page | undefined,
): string {
  return JSON.stringify({
    type: 'schema',
    profile: projection.profile,
    fields: projection.fields ?? 'all',
    filters_applied: filters,
    total_vulnerabilities: total,
    total_pages: page?.total_pages,
  });
}

/** The second line. */
export function metadataLine(metadata: ScanMetadata): string {
  const { scan_name, policy_name, hosts, scan_start, scan_end, partial } = metadata;
  return JSON.stringify({
    type: 'scan_metadata',
    scan_name,
    policy_name,
    hosts,
    scan_start,
    scan_end,
    partial,
  });
}

/** A host's line. */
export function hostLine(host: string, facts: HostFacts): string {
  return JSON.stringify({ type: 'host', host, ...facts });
}

/** A finding's line. */
export function findingLine(finding: Finding, projection: Projection): string {
  return JSON.stringify(project(finding, projection.fields));
}

/** The last line; there is none when everything was asked for. */
export function paginationLine(page: Page): string | undefined {
  if (page.page === 0) return undefined;
  const hasNext = page.page < page.total_pages;
  const beyond = page.page > page.total_pages;
  return JSON.stringify({
    type: 'pagination',
    page: page.page,
    page_size: page.page_size,
    total_pages: page.total_pages,
    has_next: hasNext,
    next_page: hasNext ? page.page + 1 : null,
    ...(beyond ? { error: `Page ${page.page} is beyond the end: the last page is ${page.total_pages}` } : {}),
  });
}
