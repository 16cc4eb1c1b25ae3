import type { AuthenticationStatus, ScanRunFacts, SeverityBreakdown, ValidationStats } from '@nmcp/types';
import type { Finding, Host } from './finding.ts';
import { LoginNotes, saysThatLoginWorked } from './login_notes.ts';
import type { NessusEvent } from './nessus_handler.ts';
import { ScanTimes } from './scan_times.ts';

/** What a finished scan's results say about the scan itself. */
export interface ScanValidation {
  stats: ValidationStats;
  ran: ScanRunFacts;
  authentication_status: AuthenticationStatus;
  /** Sentences for people. */
  warnings: string[];
  /** Names of the hosts, in the document's order. */
  hosts: string[];
  /** The same as targets, with the address that the scanner used, where it says: `web.example.org[10.0.0.7]`. */
  targets: string[];
  /** Whether the login worked, by host. */
  logins: Record<string, 'success' | 'partial' | 'failed'>;
}

/** Options of {@linkcode createScanValidator}. */
export interface ScanValidatorOptions {
  /** Whether the scan was given credentials. @default decided by whether any host tells of a login */
  credentialsGiven?: boolean | undefined;
}

/** Counts a scan's events as they pass. */
export interface ScanValidator {
  add(event: NessusEvent): void;
  /** Counts findings of one severity that say nothing of a login; see `saysOfLogin`. */
  count(severity: string | null, findings: number): void;
  /** The verdict, when all events have passed. */
  result(fileSizeBytes: number): ScanValidation;
}

const SEVERITY_NAMES: readonly (keyof SeverityBreakdown)[] = ['info', 'low', 'medium', 'high', 'critical'];

/**
 * Counts hosts and severities and decides whether the scanner could log in: per host, then over the scan. All hosts
 * authenticated is `success`, some `partial`, none `failed`; a scan without credentials is `not_applicable`.
 */
export function createScanValidator(options: ScanValidatorOptions = {}): ScanValidator {
  const severity_breakdown: SeverityBreakdown = { critical: 0, high: 0, medium: 0, low: 0, info: 0 };
  const logins = new Map<string, LoginNotes>();
  const targets = new Set<string>();
  const times = new ScanTimes();
  let policy: string | undefined;
  let hosts = 0;
  let authPlugins = 0;
  let oddSeverities = 0;

  function count(severity: string | null, findings: number): void {
    const name = severity === null ? undefined : SEVERITY_NAMES[Number(severity)];
    if (name === undefined) oddSeverities += findings;
    else severity_breakdown[name] += findings;
  }

  function addFinding(finding: Finding): void {
    count(finding.severity, 1);
    if (saysThatLoginWorked(finding.plugin_id)) authPlugins++;
    loginOf(finding.host).addFinding(finding);
  }

  function loginOf(host: string): LoginNotes {
    const login = logins.get(host) ?? new LoginNotes();
    logins.set(host, login);
    return login;
  }

  return {
    count,
    add(event) {
      if (event.type === 'host') {
        hosts++;
        times.add(event.host);
        targets.add(asTarget(event.host));
        loginOf(event.host.name);
      } else if (event.type === 'finding') addFinding(event.finding);
      else if (event.type === 'policy') policy = event.name;
    },
    result(fileSizeBytes) {
      const { critical, high, medium, low } = severity_breakdown;
      const stats: ValidationStats = {
        hosts_scanned: hosts,
        total_vulnerabilities: critical + high + medium + low,
        severity_breakdown: { ...severity_breakdown },
        file_size_kb: Math.round(fileSizeBytes / 102.4) / 10,
        auth_plugins_found: authPlugins,
      };
      const all = [...logins.values()];
      const isAuthenticated = options.credentialsGiven ?? all.some((login) => login.wereUsed);
      const authentication_status = isAuthenticated ? overScan(all) : 'not_applicable';
      const warnings = warningsOf(stats, authentication_status, all, oddSeverities);
      const verdicts = Object.fromEntries([...logins].map(([host, login]) => [host, login.verdict]));
      return {
        ran: { ...(policy === undefined ? {} : { policy_name: policy }), ...times.result() },
        ...{ stats, authentication_status, warnings, logins: verdicts },
        ...{ hosts: [...logins.keys()], targets: [...targets] },
      };
    },
  };
}

/** A host that is called by something else than a host name, as Windows machines can be, is its address. */
function asTarget({ name, properties }: Host): string {
  const address = properties['host-ip'] ?? '';
  if (address === '' || address === name) return name;
  return /^[a-z0-9][a-z0-9_.-]*$/i.test(name) && /[a-z][^.]*$/i.test(name) ? `${name}[${address}]` : address;
}

function overScan(logins: readonly LoginNotes[]): AuthenticationStatus {
  if (logins.length === 0) return 'failed';
  const verdicts = logins.map(({ verdict }) => verdict);
  if (verdicts.every((verdict) => verdict === 'success')) return 'success';
  return verdicts.every((verdict) => verdict === 'failed') ? 'failed' : 'partial';
}

function warningsOf(
  stats: ValidationStats,
  status: AuthenticationStatus,
  logins: readonly LoginNotes[],
  oddSeverities: number,
): string[] {
  const warnings: string[] = [];
  if (stats.hosts_scanned === 0) warnings.push('No host answered: the results are empty');
  if (status === 'failed' && stats.hosts_scanned > 0) {
    warnings.push('Authentication failed on every host: the results contain only unauthenticated findings');
  }
  if (status === 'partial') {
    const good = logins.filter(({ verdict }) => verdict === 'success').length;
    warnings.push(`Authentication succeeded fully on ${good} of ${logins.length} hosts`);
  }
  if (oddSeverities > 0)
    warnings.push(`${oddSeverities} findings have a severity other than 0 to 4 and are not counted`);
  return warnings;
}
