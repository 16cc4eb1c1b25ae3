import type { SeverityBreakdown } from '@nmcp/types';
import type { ScanFacts } from '../summarize_scan.ts';
import type { NotLooked } from './looked.ts';

/** A finding that is new, fixed, changed, or was not looked for. */
export interface ComparedFinding {
  host: string;
  plugin_id: string;
  plugin_name: string;
  port: string;
  protocol: string;
  severity: number;
  /** The same as a word. */
  severity_name: string;
  /** Of a compliance check. */
  check?: string;
  /** In the earlier scan, when it changed. */
  earlier_severity?: number;
  /** Why the later scan could not have seen it. */
  reason?: NotLooked;
}

/** How many findings of a host are new, fixed and persisting. */
export interface HostChanges {
  host: string;
  new: number;
  fixed: number;
  persisting: number;
}

/** Findings of one kind of change. */
export interface ComparedFindings {
  total: number;
  by_severity: SeverityBreakdown;
  worst: ComparedFinding[];
}

/** Hosts of one scan alone, with what it found on them. */
export interface ComparedHosts {
  /** Networks, ranges and names, cut at a length. */
  hosts: string;
  total: number;
  findings: number;
  by_severity: SeverityBreakdown;
}

/**
 * Two scans side by side. A finding is the same when host, port, protocol and plugin are, for compliance the check, and where a host
 * has several of these the output. A check that passes now is fixed, and one that no longer passes is new. New, fixed, changed and
 * persisting are of hosts that are in both scans.
 */
export interface ScanComparison {
  earlier: ScanFacts;
  later: ScanFacts;
  new: ComparedFindings;
  fixed: ComparedFindings;
  persisting: { total: number; by_severity: SeverityBreakdown };
  changed_severity: { total: number; worst: ComparedFinding[] };
  /** Findings of the earlier scan that the later one could not see any more: they may still be there. */
  not_looked: ComparedFindings & { by_reason: Record<NotLooked, number> };
  /** New findings that the earlier scan could not have seen: they may have been there. */
  new_but_not_looked_before: number;
  hosts: {
    only_earlier: number;
    only_later: number;
    both: number;
    /** Hosts that the later scan did not reach. */
    gone: ComparedHosts;
    /** Hosts that only the later scan reached. */
    added: ComparedHosts;
  };
  /** Hosts with most changes. */
  host_changes: HostChanges[];
  /** What to know before the numbers are read. */
  notes: string[];
}
