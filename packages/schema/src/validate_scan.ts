import type { AuthenticationStatus, SeverityBreakdown, ValidationStats } from '@nmcp/types';
import type { Finding, Host } from './finding.ts';
import type { NessusEvent } from './nessus_handler.ts';

/** What a finished scan's results say about the scan itself. */
export interface ScanValidation {
  stats: ValidationStats;
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
  /** Counts findings of one severity that say nothing of a login; see {@linkcode saysOfLogin}. */
  count(severity: string | null, findings: number): void;
  /** The verdict, when all events have passed. */
  result(fileSizeBytes: number): ScanValidation;
}

const SEVERITY_NAMES: readonly (keyof SeverityBreakdown)[] = ['info', 'low', 'medium', 'high', 'critical'];

/** Plugins that report only when a login worked: 141118 valid credentials, 110095 no credential issues,
 * 117887 patch assessment available, 12634 and 97993 local enumeration. */
const LOGIN_WORKED = new Set(['141118', '110095', '117887', '12634', '97993']);
/** Provided credentials failed. */
const CREDENTIALS_REFUSED = '104410';
/** 21745 patch assessment failed, which it does without credentials too. */
const LOGIN_FAILED = new Set(['21745']);
/** 110385 insufficient privilege, 102094 commands need escalation, 24786 Windows scan without admin rights, 117885 intermittent failure. */
const LOGIN_PARTIAL = new Set(['110385', '102094', '24786', '117885']);
/** 110723 no credentials were provided. */
const NO_CREDENTIALS = '110723';
/** 19506 tells of the scan itself. */
const SCAN_INFORMATION = '19506';

interface HostLogin {
  worked: boolean;
  failed: boolean;
  partial: boolean;
  /** Credentials were used and refused. */
  refused?: boolean;
  /** From the "Credentialed checks" line of plugin 19506. */
  credentialed?: 'yes' | 'no' | 'partial';
}

/**
 * Counts hosts and severities and decides whether the scanner could log in: per host, then over the scan. All hosts
 * authenticated is `success`, some `partial`, none `failed`; a scan without credentials is `not_applicable`.
 */
export function createScanValidator(options: ScanValidatorOptions = {}): ScanValidator {
  const severity_breakdown: SeverityBreakdown = { critical: 0, high: 0, medium: 0, low: 0, info: 0 };
  const logins = new Map<string, HostLogin>();
  const targets = new Set<string>();
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
    if (LOGIN_WORKED.has(finding.plugin_id ?? '')) authPlugins++;
    const login = logins.get(finding.host) ?? { worked: false, failed: false, partial: false };
    logins.set(finding.host, login);
    noteLogin(login, finding);
  }

  return {
    count,
    add(event) {
      if (event.type === 'host') {
        hosts++;
        targets.add(asTarget(event.host));
        if (!logins.has(event.host.name))
          logins.set(event.host.name, { worked: false, failed: false, partial: false });
      } else if (event.type === 'finding') addFinding(event.finding);
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
      const isAuthenticated = options.credentialsGiven ?? all.some(tellsOfLogin);
      const authentication_status = isAuthenticated ? overScan(all) : 'not_applicable';
      const warnings = warningsOf(stats, authentication_status, all, oddSeverities);
      const verdicts = Object.fromEntries([...logins].map(([host, login]) => [host, overHost(login)]));
      return {
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

/** Whether a plugin's findings say something of a login. */
export function saysOfLogin(pluginId: string | null): boolean {
  const id = pluginId ?? '';
  return (
    LOGIN_WORKED.has(id) ||
    LOGIN_FAILED.has(id) ||
    LOGIN_PARTIAL.has(id) ||
    [CREDENTIALS_REFUSED, NO_CREDENTIALS, SCAN_INFORMATION].includes(id)
  );
}

function noteLogin(login: HostLogin, finding: Finding): void {
  const plugin = finding.plugin_id ?? '';
  if (LOGIN_WORKED.has(plugin)) login.worked = true;
  else if (plugin === CREDENTIALS_REFUSED) login.refused = login.failed = true;
  else if (LOGIN_FAILED.has(plugin) || plugin === NO_CREDENTIALS) login.failed = true;
  else if (LOGIN_PARTIAL.has(plugin)) login.partial = true;
  else if (plugin === SCAN_INFORMATION) {
    const said = credentialedChecks(String(finding.plugin_output ?? ''));
    if (said) login.credentialed = said;
  }
}

/** The word of the line "Credentialed checks : yes, as 'user' via ssh" in plugin 19506's output. */
export function credentialedChecks(output: string): 'yes' | 'no' | 'partial' | undefined {
  const word = /^[ \t]*credentialed checks[ \t]*:[ \t]*(yes|no|partial)\b/im.exec(output)?.[1]?.toLowerCase();
  return word === 'yes' || word === 'no' || word === 'partial' ? word : undefined;
}

/** Whether credentials were used on a host, with or without success. */
function tellsOfLogin(login: HostLogin): boolean {
  return login.worked || login.partial || login.refused === true || (login.credentialed ?? 'no') !== 'no';
}

function overHost(login: HostLogin): 'success' | 'partial' | 'failed' {
  const worked = login.worked || login.credentialed === 'yes';
  if (login.partial || login.credentialed === 'partial') return 'partial';
  if (worked) return login.failed ? 'partial' : 'success';
  return 'failed';
}

function overScan(logins: readonly HostLogin[]): AuthenticationStatus {
  if (logins.length === 0) return 'failed';
  const verdicts = logins.map(overHost);
  if (verdicts.every((verdict) => verdict === 'success')) return 'success';
  return verdicts.every((verdict) => verdict === 'failed') ? 'failed' : 'partial';
}

function warningsOf(
  stats: ValidationStats,
  status: AuthenticationStatus,
  logins: readonly HostLogin[],
  oddSeverities: number,
): string[] {
  const warnings: string[] = [];
  if (stats.hosts_scanned === 0) warnings.push('No host answered: the results are empty');
  if (status === 'failed' && stats.hosts_scanned > 0) {
    warnings.push('Authentication failed on every host: the results contain only unauthenticated findings');
  }
  if (status === 'partial') {
    const good = logins.filter((login) => overHost(login) === 'success').length;
    warnings.push(`Authentication succeeded fully on ${good} of ${logins.length} hosts`);
  }
  if (oddSeverities > 0)
    warnings.push(`${oddSeverities} findings have a severity other than 0 to 4 and are not counted`);
  return warnings;
}
