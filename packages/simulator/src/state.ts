import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { type Clock, parseTargets } from '@nmcp/types';
import type { SimulatedNetwork } from './network/host.ts';
import { type ScanRun, type ScanWorld, type SimulatedScan, type SshLogin, statusOf } from './scan.ts';

/** The kinds of Nessus licence; only the manager has the scan API. */
export type Licence = 'manager' | 'professional' | 'essentials';

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
}

/** An answer that is no success: Nessus sends `{"error": message}`. */
export class Refusal extends Error {
  readonly status: 400 | 401 | 403 | 404 | 409 | 412 | 503;

  constructor(status: 400 | 401 | 403 | 404 | 409 | 412 | 503, message: string) {
    super(message);
    this.status = status;
  }
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
  ssh?: SshLogin | undefined;
}

interface ExportFile {
  scanId: number;
  readyAt: number;
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
  readonly #scans = new Map<number, SimulatedScan>();
  readonly #sessions = new Map<string, number>();
  readonly #exports = new Map<string, ExportFile>();
  #isLoading = false;
  #nextId = 5;
  #created = 0;
  #launched = 0;
  #logins = 0;

  readonly #stateFile: string | undefined;

  /** @param stateFile where scans and exports are kept; absent: in memory only */
  constructor(settings: ScannerSettings, network: SimulatedNetwork, clock: Clock, stateFile?: string) {
    this.settings = settings;
    this.world = { network, seed: settings.seed, speed: settings.speed };
    this.#clock = clock;
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
    return { created: this.#created, launched: this.#launched, logins: this.#logins };
  }

  now(): number {
    return this.#clock();
  }

  // Sessions

  login(username: string, password: string): string {
    if (username !== this.settings.username || password !== this.settings.password) {
      throw new Refusal(401, 'Invalid Credentials');
    }
    this.#logins++;
    const token = crypto.randomUUID().replaceAll('-', '');
    this.#sessions.set(token, this.now());
    return token;
  }

  touchSession(token: string): boolean {
    const last = this.#sessions.get(token);
    if (last === undefined) return false;
    if (this.now() - last > this.settings.sessionIdleMs) return !this.#sessions.delete(token);
    this.#sessions.set(token, this.now());
    return true;
  }

  logout(token: string): void {
    this.#sessions.delete(token);
  }

  expireSessions(): void {
    this.#sessions.clear();
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
    if (!scan) throw new Refusal(404, 'The requested file was not found.');
    return scan;
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
      runs: [],
    };
    this.#scans.set(scan.id, scan);
    this.#created++;
    this.#save();
    return scan;
  }

  launch(id: number): ScanRun {
    const scan = this.scan(id);
    if (['pending', 'running', 'processing', 'paused'].includes(this.status(scan))) {
      throw new Refusal(409, 'The scan is already running');
    }
    const run: ScanRun = {
      historyId: this.#nextId++,
      uuid: crypto.randomUUID(),
      startedAt: this.now(),
      pausedFor: 0,
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

  delete(id: number): void {
    const scan = this.scan(id);
    if (['pending', 'running', 'processing'].includes(this.status(scan)))
      throw new Refusal(409, 'The scan is running');
    this.#scans.delete(id);
    this.#save();
  }

  // Exports

  startExport(id: number): { file: number; token: string } {
    const status = this.status(this.scan(id));
    if (!['completed', 'canceled'].includes(status)) throw new Refusal(409, 'Can not export running scans');
    const file = this.#nextId++;
    const token = crypto.randomUUID().replaceAll('-', '');
    const entry = { scanId: id, readyAt: this.now() + (EXPORT_SECONDS * 1000) / this.settings.speed };
    this.#exports.set(token, entry);
    this.#exports.set(`${id}/${file}`, entry);
    this.#save();
    return { file, token };
  }

  /** @param key a token, or `scan/file` */
  exportStatus(key: string): 'loading' | 'ready' {
    return this.now() >= this.#export(key).readyAt ? 'ready' : 'loading';
  }

  exportedScan(key: string): SimulatedScan {
    if (this.exportStatus(key) !== 'ready') throw new Refusal(409, 'The export is not ready');
    return this.scan(this.#export(key).scanId);
  }

  #export(key: string): ExportFile {
    const entry = this.#exports.get(key);
    if (!entry) throw new Refusal(404, 'The requested file was not found.');
    return entry;
  }

  #activeRun(id: number): ScanRun {
    const scan = this.scan(id);
    const run = scan.runs.at(-1);
    if (!run || !['pending', 'running', 'processing', 'paused'].includes(this.status(scan))) {
      throw new Refusal(409, 'The scan is not running');
    }
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
