import type { Target } from '@nmcp/types';
import { CATALOGUE } from './network/catalogue.ts';
import { type FindingRules, pluginsOn } from './network/findings.ts';
import type { HostKind, SimulatedHost, SimulatedNetwork } from './network/host.ts';
import type { LoginOutcome, LoginProtocol, SimulatedPlugin } from './network/plugin.ts';
import { fraction } from './network/random.ts';
import { type ReportedHost, writeReport } from './report/write_report.ts';

/** One login of a scan, as POST /scans brings it. */
export interface ScanLogin {
  username: string;
  /** `wrong` opens no host, `partial` about half of them. */
  password: string;
  elevate_privileges_with?: string | undefined;
}

/** The logins of a scan. */
export type ScanLogins = Partial<Record<LoginProtocol, ScanLogin>>;

/** One run of a scan. */
export interface ScanRun {
  historyId: number;
  uuid: string;
  /** Milliseconds. */
  startedAt: number;
  /** When a person or the API stopped it. */
  stoppedAt?: number;
  /** It was ended by the scanner itself. */
  isAborted?: boolean;
  /** When it was paused; absent while it runs. */
  pausedAt?: number;
  /** Milliseconds that it was paused before. */
  pausedFor: number;
  /** Targets in place of the scan's own. */
  altTargets?: string;
}

/** A document that was imported in place of a run. */
export interface ImportedReport {
  xml: string;
  hosts: { name: string; findings: { id: number; name: string; family: string; severity: number }[] }[];
}

/** A policy, as the scan was made of it. */
export interface UsedPolicy {
  id: number;
  name: string;
  /** Plugins that are on. */
  plugins: readonly number[];
  ports: string;
}

/** A scan on the simulated scanner. */
export interface SimulatedScan {
  id: number;
  uuid: string;
  /** Of its template. */
  templateUuid: string;
  name: string;
  description: string;
  targetText: string;
  targets: Target[];
  logins: ScanLogins;
  /** The policy that it is made of. */
  policy?: UsedPolicy | undefined;
  folderId: number;
  createdAt: number;
  modifiedAt: number;
  isRead: boolean;
  isScheduled: boolean;
  runs: ScanRun[];
  imported?: ImportedReport;
  /** Who shares it with us; we may only view it. */
  sharedBy?: string;
}

/** What runs a scan needs to know. */
export interface ScanWorld {
  network: SimulatedNetwork;
  seed: number;
  /** How many simulated seconds pass in a real one. */
  speed: number;
  findingsPerHost?: number | undefined;
}

/** Simulated seconds until a launched scan runs. */
const PENDING_SECONDS = 2;
/** Hosts that a scanner works on at a time, and how long such a group takes. */
const HOSTS_AT_A_TIME = 30;
const GROUP_SECONDS = 60;
const PROCESSING_SECONDS = 1;
const WEEK_MS = 604_800_000;

/** Simulated seconds that a run has lasted at a moment. */
function elapsedSeconds(run: ScanRun, world: ScanWorld, now: number): number {
  const until = run.stoppedAt ?? run.pausedAt ?? now;
  return (Math.max(0, until - run.startedAt - run.pausedFor) * world.speed) / 1000;
}

function scanningSeconds(scan: SimulatedScan, world: ScanWorld): number {
  return Math.ceil(Number(world.network.size(scan.targets)) / HOSTS_AT_A_TIME) * GROUP_SECONDS;
}

/** Nessus's word for what a scan, or one run of it, is doing. */
export function statusOf(
  scan: SimulatedScan,
  world: ScanWorld,
  now: number,
  run: ScanRun | undefined = scan.runs.at(-1),
): string {
  if (scan.imported) return 'imported';
  if (!run) return 'empty';
  const elapsed = elapsedSeconds(run, world, now);
  const end = PENDING_SECONDS + scanningSeconds(scan, world);
  if (elapsed >= end + PROCESSING_SECONDS) return 'completed';
  if (run.stoppedAt !== undefined) return run.isAborted ? 'aborted' : 'canceled';
  if (run.pausedAt !== undefined) return 'paused';
  if (elapsed < PENDING_SECONDS) return 'pending';
  return elapsed < end ? 'running' : 'processing';
}

/** Unix milliseconds at which a run ended; `undefined` while it is under way. */
export function endOf(scan: SimulatedScan, world: ScanWorld, now: number, run: ScanRun): number | undefined {
  const status = statusOf(scan, world, now, run);
  if (status === 'canceled' || status === 'aborted') return run.stoppedAt;
  if (status !== 'completed') return undefined;
  const seconds = PENDING_SECONDS + scanningSeconds(scan, world) + PROCESSING_SECONDS;
  return run.startedAt + run.pausedFor + (1000 * seconds) / world.speed;
}

/** A host that answers, with how far the scan is with it. */
export interface HostProgress {
  hostId: number;
  host: SimulatedHost;
  /** 0 to 100. */
  percent: number;
}

/** The hosts that answer, in the order of their addresses. */
export function* hostsOf(
  scan: SimulatedScan,
  world: ScanWorld,
  now: number,
  run: ScanRun | undefined = scan.runs.at(-1),
): Generator<HostProgress> {
  if (!run) return;
  const elapsed = elapsedSeconds(run, world, now);
  const size = Number(world.network.size(scan.targets));
  for (let index = 0; index < size; index++) {
    const host = world.network.hostAt(scan.targets, index);
    if (!host) continue;
    const start = PENDING_SECONDS + Math.floor(index / HOSTS_AT_A_TIME) * GROUP_SECONDS;
    const done = elapsed >= start + GROUP_SECONDS;
    const seconds = done ? 1 : GROUP_SECONDS * (0.4 + 0.6 * fraction(`${world.seed}/${host.name}/seconds`));
    const percent = Math.floor(100 * Math.max(0, Math.min(1, (elapsed - start) / seconds)));
    yield { hostId: index + 1, host, percent };
  }
}

/** By what a kind of host is logged in to. */
const PROTOCOL: Readonly<Record<HostKind, LoginProtocol>> = {
  linux: 'ssh',
  windows: 'smb',
  network: 'snmp',
  printer: 'snmp',
};

/** The login that is meant for a host: what it speaks, else the first that there is. */
export function loginFor(
  scan: SimulatedScan,
  host: SimulatedHost,
): { via: LoginProtocol; login: ScanLogin | undefined } {
  const via = PROTOCOL[host.kind];
  return { via, login: scan.logins[via] };
}

/** Whether the scan's credentials open a host. */
export function loginOn(scan: SimulatedScan, host: SimulatedHost): LoginOutcome {
  if (Object.keys(scan.logins).length === 0) return 'none';
  const { via, login } = loginFor(scan, host);
  if (!login || login.password === 'wrong') return 'failed';
  if (login.password === 'partial' && fraction(`${host.name}/login`) < 0.5) return 'failed';
  const isRoot =
    via !== 'ssh' || login.username === 'root' || (login.elevate_privileges_with ?? 'Nothing') !== 'Nothing';
  return isRoot ? 'success' : 'insufficient';
}

/** What a scan of the template runs: what reports, and some of the many that hardly ever do. */
const WITHOUT_POLICY: Omit<UsedPolicy, 'id'> = {
  name: 'Advanced Scan',
  plugins: [...CATALOGUE.map(({ id }) => id), ...Array.from({ length: 400 }, (_, i) => 10_000 + i * 37)],
  ports: 'default',
};

/** Whether a policy has a plugin on, and looks at its port. */
function runsIn(policy: UsedPolicy | undefined, { id, port, protocol }: SimulatedPlugin): boolean {
  if (!policy) return true;
  return policy.plugins.includes(id) && (port === 0 || isInRange(policy.ports, port, protocol));
}

/** Whether a port is in a range such as `default`, `all`, `1-1024,8080` or `T:443`. */
function isInRange(ports: string, port: number, protocol: string): boolean {
  if (ports === 'default' || ports === 'all') return true;
  let letter = '';
  return ports.split(',').some((entry) => {
    const [, named, first, last] = /^\s*(?:([TU]):)?(\d+)(?:-(\d+))?\s*$/.exec(entry) ?? [];
    letter = named ?? letter;
    const isOfProtocol = letter === '' || letter === (protocol === 'udp' ? 'U' : 'T');
    return isOfProtocol && port >= Number(first) && port <= Number(last ?? first);
  });
}

/** A host with its findings. */
export function reportHost(
  scan: SimulatedScan,
  host: SimulatedHost,
  world: ScanWorld,
  run: ScanRun | undefined = scan.runs.at(-1),
): ReportedHost {
  const login = loginOn(scan, host);
  const { via, login: used } = loginFor(scan, host);
  const rules: FindingRules = {
    seed: world.seed,
    week: Math.floor((run?.startedAt ?? 0) / WEEK_MS),
    findingsPerHost: world.findingsPerHost,
  };
  const plugins = pluginsOn(host, rules, login).filter((plugin) => runsIn(scan.policy, plugin));
  return { host, login, via, username: used?.username ?? '', plugins };
}

/** The hosts of a run that are finished, with their findings. */
export function* finishedHosts(
  scan: SimulatedScan,
  world: ScanWorld,
  now: number,
  run: ScanRun | undefined = scan.runs.at(-1),
): Generator<ReportedHost> {
  for (const { host, percent } of hostsOf(scan, world, now, run)) {
    if (percent >= 100) yield reportHost(scan, host, world, run);
  }
}

/** The .nessus document of a run that is over: the hosts that were finished. */
export function* documentOf(
  scan: SimulatedScan,
  world: ScanWorld,
  now: number,
  run: ScanRun | undefined = scan.runs.at(-1),
): Generator<string> {
  if (scan.imported) {
    yield scan.imported.xml;
    return;
  }
  const startedAt = run?.startedAt ?? scan.createdAt;
  yield* writeReport({
    scanName: scan.name,
    description: scan.description,
    runUuid: run?.uuid ?? '',
    targets: run?.altTargets ?? scan.targetText,
    key: String(world.seed),
    startedAt,
    endedAt: startedAt + scanningSeconds(scan, world) * 1000,
    policy: scan.policy ?? WITHOUT_POLICY,
    hosts: finishedHosts(scan, world, now, run),
  });
}
