import type { Target } from '@nmcp/types';
import { pluginsOn } from './network/findings.ts';
import type { SimulatedHost, SimulatedNetwork } from './network/host.ts';
import type { LoginOutcome } from './network/plugin.ts';
import { fraction } from './network/random.ts';
import { type ReportedHost, writeReport } from './report/write_report.ts';

/** One SSH login of a scan, as POST /scans brings it. */
export interface SshLogin {
  username: string;
  password: string;
  elevate_privileges_with?: string | undefined;
}

/** One run of a scan. */
export interface ScanRun {
  historyId: number;
  uuid: string;
  /** Milliseconds. */
  startedAt: number;
  /** When a person or the API stopped it. */
  stoppedAt?: number;
  /** When it was paused; absent while it runs. */
  pausedAt?: number;
  /** Milliseconds that it was paused before. */
  pausedFor: number;
}

/** A scan on the simulated scanner. */
export interface SimulatedScan {
  id: number;
  uuid: string;
  name: string;
  description: string;
  targetText: string;
  targets: Target[];
  ssh?: SshLogin | undefined;
  folderId: number;
  createdAt: number;
  modifiedAt: number;
  runs: ScanRun[];
}

/** What runs a scan needs to know. */
export interface ScanWorld {
  network: SimulatedNetwork;
  seed: number;
  /** How many simulated seconds pass in a real one. */
  speed: number;
}

/** Simulated seconds until a launched scan runs. */
const PENDING_SECONDS = 2;
/** Hosts that a scanner works on at a time, and how long such a group takes. */
const HOSTS_AT_A_TIME = 30;
const GROUP_SECONDS = 60;
const PROCESSING_SECONDS = 1;

/** Simulated seconds that a run has lasted at a moment. */
function elapsedSeconds(run: ScanRun, world: ScanWorld, now: number): number {
  const until = run.stoppedAt ?? run.pausedAt ?? now;
  return (Math.max(0, until - run.startedAt - run.pausedFor) * world.speed) / 1000;
}

function scanningSeconds(scan: SimulatedScan, world: ScanWorld): number {
  return Math.ceil(Number(world.network.size(scan.targets)) / HOSTS_AT_A_TIME) * GROUP_SECONDS;
}

/** Nessus's word for what a scan is doing. */
export function statusOf(scan: SimulatedScan, world: ScanWorld, now: number): string {
  const run = scan.runs.at(-1);
  if (!run) return 'empty';
  const elapsed = elapsedSeconds(run, world, now);
  const end = PENDING_SECONDS + scanningSeconds(scan, world);
  if (elapsed >= end + PROCESSING_SECONDS) return 'completed';
  if (run.stoppedAt !== undefined) return 'canceled';
  if (run.pausedAt !== undefined) return 'paused';
  if (elapsed < PENDING_SECONDS) return 'pending';
  return elapsed < end ? 'running' : 'processing';
}

/** A host that answers, with how far the scan is with it. */
export interface HostProgress {
  hostId: number;
  host: SimulatedHost;
  /** 0 to 100. */
  percent: number;
}

/** The hosts that answer, in the order of their addresses. */
export function* hostsOf(scan: SimulatedScan, world: ScanWorld, now: number): Generator<HostProgress> {
  const run = scan.runs.at(-1);
  if (!run) return;
  const elapsed = elapsedSeconds(run, world, now);
  const size = Number(world.network.size(scan.targets));
  for (let index = 0; index < size; index++) {
    const host = world.network.hostAt(scan.targets, index);
    if (!host) continue;
    const start = PENDING_SECONDS + Math.floor(index / HOSTS_AT_A_TIME) * GROUP_SECONDS;
    const seconds = GROUP_SECONDS * (0.4 + 0.6 * fraction(`${world.seed}/${host.name}/seconds`));
    const percent = Math.floor(100 * Math.max(0, Math.min(1, (elapsed - start) / seconds)));
    yield { hostId: index + 1, host, percent };
  }
}

/** Whether the scan's credentials open a host: the password `wrong` opens none, and SSH only those that speak it. */
export function loginOn(scan: SimulatedScan, host: SimulatedHost): LoginOutcome {
  if (!scan.ssh) return 'none';
  if (scan.ssh.password === 'wrong' || host.kind !== 'linux') return 'failed';
  const isRoot =
    scan.ssh.username === 'root' || (scan.ssh.elevate_privileges_with ?? 'Nothing') !== 'Nothing';
  return isRoot ? 'success' : 'insufficient';
}

/** A host with its findings. */
export function reportHost(scan: SimulatedScan, host: SimulatedHost, world: ScanWorld): ReportedHost {
  const login = loginOn(scan, host);
  return { host, login, plugins: pluginsOn(host, world.seed, login) };
}

/** The .nessus document of a scan that no longer runs: the hosts that were finished. */
export function* documentOf(scan: SimulatedScan, world: ScanWorld, now: number): Generator<string> {
  const run = scan.runs.at(-1);
  const startedAt = run?.startedAt ?? scan.createdAt;
  function* finished(): Generator<ReportedHost> {
    for (const { host, percent } of hostsOf(scan, world, now)) {
      if (percent >= 100) yield reportHost(scan, host, world);
    }
  }
  yield* writeReport({
    scanName: scan.name,
    targets: scan.targetText,
    username: scan.ssh?.username ?? '',
    key: String(world.seed),
    startedAt,
    endedAt: startedAt + scanningSeconds(scan, world) * 1000,
    hosts: finished(),
  });
}
