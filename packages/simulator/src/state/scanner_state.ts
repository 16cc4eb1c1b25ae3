import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { type Clock, parseTargets } from '@nmcp/types';
import type { SimulatedNetwork } from '../network/host.ts';
import {
  type ImportedReport,
  type ScanLogins,
  type ScanRun,
  type ScanWorld,
  type SimulatedScan,
  statusOf,
} from '../scan.ts';
import { Accounts } from './accounts.ts';
import { Management } from './management.ts';
import { notFound, Refusal } from './refusal.ts';

/** The kinds of Nessus licence; only the manager has the scan API. */
export type Licence = 'manager' | 'professional' | 'expert' | 'essentials';

/** What the simulated scanner is and lets in. */
export interface ScannerSettings {
  seed: number;
  /** Simulated seconds that pass in a real one. */
  speed: number;
  licence: Licence;
  username: string;
  password: string;
  accessKey: string;
  secretKey: string;
  /** Milliseconds without a call after which a session ends. */
  sessionIdleMs: number;
  /** Addresses that one scan may have. */
  maxTargets: number;
  findingsPerHost: number | undefined;
  /** Agents that are linked. */
  agents: number;
  /** Seconds by which the scanner's clock is off. */
  clockSkewSeconds: number;
}

/** A scan as tests look at it. */
export interface ScanOverview {
  id: number;
  name: string;
  description: string;
  status: string;
  /** How often it was launched. */
  launches: number;
}

/** What POST /scans brings. */
export interface NewScanContent {
  name: string;
  description: string;
  targetText: string;
  folderId: number;
  templateUuid: string;
  logins: ScanLogins;
}

/** Formats of an export. */
export type ExportFormat = 'nessus' | 'csv' | 'html' | 'pdf' | 'db';

/** A file that was asked for. */
export interface ExportFile {
  readyAt: number;
  /** Of a scan, or of a policy. */
  kind: 'scan' | 'policy';
  id: number;
  format: ExportFormat;
  historyId?: number | undefined;
}

/** What outlives the process, where it is kept; targets are read from their text again. */
interface SavedState {
  nextId: number;
  created: number;
  launched: number;
  scans: Omit<SimulatedScan, 'targets'>[];
  exports: [string, ExportFile][];
}

/** Simulated seconds that writing an export takes. */
const EXPORT_SECONDS = 1;

/** Everything that the simulated scanner remembers. */
export class ScannerState {
  readonly settings: ScannerSettings;
  readonly world: ScanWorld;
  readonly #clock: Clock;
  readonly accounts: Accounts;
  readonly management: Management;
  readonly #scans = new Map<number, SimulatedScan>();
  readonly #exports = new Map<string, ExportFile>();
  readonly #uploads = new Map<string, Uint8Array>();
  #isLoading = false;
  #nextId = 5;
  #created = 0;
  #launched = 0;

  readonly #stateFile: string | undefined;

  /** @param stateFile where scans and exports are kept; absent: in memory only */
  constructor(settings: ScannerSettings, network: SimulatedNetwork, clock: Clock, stateFile?: string) {
    this.settings = settings;
    const { seed, speed, findingsPerHost, username, password, accessKey, secretKey } = settings;
    this.world = { network, seed, speed, findingsPerHost };
    this.#clock = () => clock() + 1000 * settings.clockSkewSeconds;
    const first = { username, password, keys: { accessKey, secretKey } };
    this.accounts = new Accounts(first, settings.sessionIdleMs, this.#clock);
    this.management = new Management(seed, settings.agents, this.#clock());
    this.#stateFile = stateFile;
    if (stateFile !== undefined && existsSync(stateFile)) this.#restore(stateFile);
  }

  /** As a scanner's own database: what was answered is on disk. */
  #save(): void {
    if (this.#stateFile === undefined) return;
    const saved: SavedState = {
      nextId: this.#nextId,
      created: this.#created,
      launched: this.#launched,
      scans: this.scans().map(({ targets: _, ...scan }) => scan),
      exports: [...this.#exports],
    };
    writeFileSync(`${this.#stateFile}.part`, JSON.stringify(saved));
    renameSync(`${this.#stateFile}.part`, this.#stateFile);
  }

  #restore(path: string): void {
    const saved: SavedState = JSON.parse(readFileSync(path, 'utf8')); // of our own writing
    this.#nextId = saved.nextId;
    this.#created = saved.created;
    this.#launched = saved.launched;
    for (const scan of saved.scans)
      this.#scans.set(scan.id, { ...scan, targets: this.#targets(scan.targetText) });
    for (const [key, file] of saved.exports) this.#exports.set(key, file);
  }

  /** How often things were asked for, since the start. */
  get counts(): { created: number; launched: number; logins: number } {
    return { created: this.#created, launched: this.#launched, logins: this.accounts.logins };
  }

  now(): number {
    return this.#clock();
  }

  // Plugins compile

  get isLoading(): boolean {
    return this.#isLoading;
  }

  setLoading(isLoading: boolean): void {
    this.#isLoading = isLoading;
  }

  // Scans

  scans(): SimulatedScan[] {
    return [...this.#scans.values()];
  }

  /** What tests look at. */
  overview(): ScanOverview[] {
    return this.scans().map((scan) => {
      const { id, name, description, runs } = scan;
      return { id, name, description, status: this.status(scan), launches: runs.length };
    });
  }

  scan(id: number): SimulatedScan {
    const scan = this.#scans.get(id);
    if (!scan) throw notFound();
    return scan;
  }

  /** A run of a scan; the last one where none is named. */
  run(scan: SimulatedScan, historyId: number | undefined): ScanRun | undefined {
    if (historyId === undefined) return scan.runs.at(-1);
    const run = scan.runs.find((each) => each.historyId === historyId);
    if (!run) throw notFound();
    return run;
  }

  status(scan: SimulatedScan): string {
    return statusOf(scan, this.world, this.now());
  }

  createScan(content: NewScanContent): SimulatedScan {
    const targets = this.#targets(content.targetText);
    const now = this.now();
    const scan: SimulatedScan = {
      ...content,
      id: this.#nextId++,
      uuid: `template-${crypto.randomUUID()}`,
      targets,
      createdAt: now,
      modifiedAt: now,
      isRead: true,
      isScheduled: false,
      runs: [],
    };
    this.#scans.set(scan.id, scan);
    this.#created++;
    this.#save();
    return scan;
  }

  changeScan(
    id: number,
    fields: Partial<
      Pick<
        SimulatedScan,
        'name' | 'description' | 'folderId' | 'isRead' | 'isScheduled' | 'targetText' | 'logins'
      >
    >,
  ): SimulatedScan {
    const scan = this.scan(id);
    if (fields.targetText !== undefined) scan.targets = this.#targets(fields.targetText);
    Object.assign(scan, fields, { modifiedAt: this.now() });
    this.#save();
    return scan;
  }

  copyScan(id: number, to: { name?: string | undefined; folderId?: number | undefined }): SimulatedScan {
    const { name, description, targetText, folderId, templateUuid, logins } = this.scan(id);
    const copy = { description, targetText, templateUuid, logins };
    return this.createScan({
      ...copy,
      name: to.name ?? `Copy of ${name}`,
      folderId: to.folderId ?? folderId,
    });
  }

  importScan(report: ImportedReport & { name: string }, folderId: number): SimulatedScan {
    const { name, xml, hosts } = report;
    const content = {
      name,
      description: '',
      targetText: '127.0.0.1',
      folderId,
      templateUuid: '',
      logins: {},
    };
    const scan = this.createScan(content);
    scan.targetText = hosts.map((host) => host.name).join(',');
    scan.imported = { xml, hosts };
    this.#created--; // nobody created it by POST /scans
    this.#save();
    return scan;
  }

  launch(id: number, altTargets?: readonly string[]): ScanRun {
    const scan = this.scan(id);
    if (this.isActive(scan)) throw new Refusal(409, 'The scan is already running');
    if (scan.imported) throw new Refusal(400, 'An imported scan cannot be launched');
    if (altTargets) scan.targets = this.#targets(altTargets.join(','));
    const run: ScanRun = {
      historyId: this.#nextId++,
      uuid: crypto.randomUUID(),
      startedAt: this.now(),
      pausedFor: 0,
      ...(altTargets ? { altTargets: altTargets.join(',') } : {}),
    };
    scan.runs.push(run);
    scan.modifiedAt = run.startedAt;
    this.#launched++;
    this.#save();
    return run;
  }

  stop(id: number): void {
    this.#activeRun(id).stoppedAt = this.now();
    this.#save();
  }

  pause(id: number): void {
    this.#activeRun(id).pausedAt = this.now();
    this.#save();
  }

  resume(id: number): void {
    const run = this.scan(id).runs.at(-1);
    if (run?.pausedAt === undefined) throw new Refusal(409, 'The scan is not paused');
    run.pausedFor += this.now() - run.pausedAt;
    delete run.pausedAt;
    this.#save();
  }

  /** Whether a run is under way, or paused. */
  isActive(scan: SimulatedScan): boolean {
    return ['pending', 'running', 'processing', 'paused'].includes(this.status(scan));
  }

  deleteHistory(id: number, historyId: number): void {
    const scan = this.scan(id);
    const run = this.run(scan, historyId);
    scan.runs = scan.runs.filter((each) => each !== run);
    this.#save();
  }

  delete(id: number): void {
    const scan = this.scan(id);
    if (['pending', 'running', 'processing'].includes(this.status(scan)))
      throw new Refusal(409, 'The scan is running');
    this.#scans.delete(id);
    this.#save();
  }

  // Files

  upload(name: string, bytes: Uint8Array): string {
    let unique = name;
    for (let i = 1; this.#uploads.has(unique); i++) unique = `${name}-${i}`;
    this.#uploads.set(unique, bytes);
    return unique;
  }

  /** @throws {Refusal} 404 */
  uploaded(name: string): Uint8Array {
    const bytes = this.#uploads.get(name);
    if (!bytes) throw notFound();
    return bytes;
  }

  startExport(id: number, format: ExportFormat, historyId?: number): { file: number; token: string } {
    const scan = this.scan(id);
    const status = statusOf(scan, this.world, this.now(), this.run(scan, historyId));
    if (!['completed', 'canceled', 'imported'].includes(status))
      throw new Refusal(409, 'Can not export running scans');
    return this.#startFile({ kind: 'scan', id, format, historyId });
  }

  startPolicyExport(id: number): { file: number; token: string } {
    this.management.policies.get(id);
    return this.#startFile({ kind: 'policy', id, format: 'nessus' });
  }

  /** @param key a token, or `scan/file` */
  exportStatus(key: string): 'loading' | 'ready' {
    return this.now() >= this.#export(key).readyAt ? 'ready' : 'loading';
  }

  /** A file that is written. @throws {Refusal} 409 */
  exported(key: string): ExportFile {
    if (this.exportStatus(key) !== 'ready') throw new Refusal(409, 'The export is not ready');
    return this.#export(key);
  }

  #startFile(content: Omit<ExportFile, 'readyAt'>): { file: number; token: string } {
    const file = this.#nextId++;
    const token = crypto.randomUUID().replaceAll('-', '');
    const entry = { ...content, readyAt: this.now() + (EXPORT_SECONDS * 1000) / this.settings.speed };
    this.#exports.set(token, entry);
    this.#exports.set(`${content.id}/${file}`, entry);
    this.#save();
    return { file, token };
  }

  #export(key: string): ExportFile {
    const entry = this.#exports.get(key);
    if (!entry) throw notFound();
    return entry;
  }

  #activeRun(id: number): ScanRun {
    const scan = this.scan(id);
    const run = scan.runs.at(-1);
    if (!run || !this.isActive(scan)) throw new Refusal(409, 'The scan is not running');
    scan.modifiedAt = this.now();
    return run;
  }

  #targets(text: string): SimulatedScan['targets'] {
    let targets: SimulatedScan['targets'];
    try {
      targets = parseTargets(text);
    } catch (error) {
      throw new Refusal(400, error instanceof Error ? error.message : String(error));
    }
    const size = this.world.network.size(targets);
    if (size > BigInt(this.settings.maxTargets)) {
      throw new Refusal(
        400,
        `The scan has ${size} targets and the license allows ${this.settings.maxTargets}`,
      );
    }
    return targets;
  }
}
