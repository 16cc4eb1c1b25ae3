import type { Clock } from '@nmcp/types';
import type { Approver, PolicyDocument } from './policy_rules.ts';
import type { Resolve } from './resolve_with_dns.ts';

/** Options of {@linkcode createScanPolicy}. */
export interface ScanPolicyOptions {
  /** @default private networks, at any time */
  document?: PolicyDocument | undefined;
  resolve: Resolve;
  /** Addresses and host names of the scanners and the queue's store; they may be scanned only when named. */
  own?: readonly string[] | undefined;
  /** @default the machine's clock */
  clock?: Clock | undefined;
}

/** A scan to decide about. */
export interface ScanQuestion {
  targets: string;
  pool: string;
  /** Name of the caller. */
  caller: string;
  /** Addresses that the caller submitted in the last 24 hours. @default 0 */
  hostsToday?: bigint | undefined;
  /** Networks and names that its credentials may be used on. @default wherever the rules allow */
  boundTo?: readonly string[] | undefined;
  /** Names of rules are looked up anew, whenever they were looked up before. @default false */
  isLaunch?: boolean | undefined;
}

/** A name that was looked up for a decision. */
export interface LookedUp {
  name: string;
  addresses: readonly string[];
  /** ISO 8601. */
  at: string;
}

/** A name of a rule that cannot be looked up. */
export interface UnknownName {
  /** Such as `default.deny`. */
  where: string;
  name: string;
  why: string;
}

/** A positive decision, and what may be launched. */
export interface Admission {
  /** The targets with every name pinned to the addresses that were checked: `web.example.org[10.0.0.7]`. */
  targets: string;
  hosts: bigint;
  /** The names among the targets and in the rules, as they were answered for this decision. */
  lookedUp: readonly LookedUp[];
}

/** That a scan needs approval. */
export interface ApprovalNeed {
  /** Such as `it logs in to hosts (default.approval.credentialed)`. */
  reason: string;
  by: Approver;
}

/** What may be scanned. */
export interface ScanPolicy {
  /**
   * Decides. Every address among the targets, and every address of every name, must be allowed. A name in a rule stands for its
   * addresses; one that cannot be looked up denies.
   *
   * @throws {NmcpError} `policy_denied` saying which target and which rule, with an `unavailable` as its cause when a name server
   *   was silent about a rule; `invalid_input` for invalid targets; `unavailable` when a target cannot be resolved at the moment
   */
  admit(question: ScanQuestion): Promise<Admission>;
  /**
   * Decides whether a report may be imported, by the hosts that it holds: as for scanning, or by the `import` lists. Neither
   * windows nor limits apply, since nothing is scanned.
   *
   * @param hosts as targets, such as `web.example.org[10.0.0.7]`
   * @throws {NmcpError} `policy_denied` saying which host and which rule, also for a name without an address
   */
  admitImport(question: { hosts: readonly string[]; pool: string; caller: string }): Promise<void>;
  /**
   * Why a scan needs approval; `undefined` when it does not. It resolves no names: call it with the targets of an
   * {@linkcode Admission}, since a name alone is in no network. A rule's name that cannot be looked up asks for approval.
   */
  approvalNeed(question: ScanQuestion & { credentialed: boolean }): ApprovalNeed | undefined;
  /** The limits that apply to a caller in a pool. */
  limits(pool: string, caller: string): PolicyLimits;
  /** Whether a caller may scan any of some networks and names. A pattern of names may always stand for something. */
  reaches(question: { targets: readonly string[]; pool: string; caller: string }): Promise<boolean>;
  /** Looks up all names of the rules. @returns those that cannot be, which deny */
  unknownNames(): Promise<UnknownName[]>;
  /** Replaces the document, and the addresses of scanners and queue if given. */
  reload(document: PolicyDocument, own?: readonly string[]): void;
}

/** Limits of a policy; the strictest that apply. */
export interface PolicyLimits {
  maxHostsPerScan: number;
  maxHostsPerDay: number;
}
