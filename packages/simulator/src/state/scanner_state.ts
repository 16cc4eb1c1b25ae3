import { existsSync } from 'node:fs';
import type { Clock } from '@nmcp/types';
import type { SimulatedNetwork } from '../network/host.ts';
import { type ScanWorld, type SimulatedScan, statusOf } from '../scan.ts';
import { type ScanTemplate, TEMPLATES } from '../templates.ts';
import { Accounts } from './accounts.ts';
import { type Effect, Effects } from './effects.ts';
import { type ExportFile, type ExportFormat, Exports } from './exports.ts';
import { Management } from './management.ts';
import { Refusal } from './refusal.ts';
import { readState, writeState } from './saved_state.ts';
import type { ScannerSettings } from './scanner_settings.ts';
import { Scans } from './scans.ts';
import { Uploads } from './uploads.ts';

/** Everything that the simulated scanner remembers. */
export class ScannerState {
  readonly settings: ScannerSettings;
  readonly world: ScanWorld;
  readonly #clock: Clock;
  readonly accounts: Accounts;
  readonly management: Management;
  readonly scans: Scans;
  readonly exports: Exports;
  readonly uploads: Uploads = new Uploads();
  /** Templates that it has now. */
  templates: readonly ScanTemplate[] = TEMPLATES;
  #effects: Effects = new Effects();
  #isLoading = false;
  #nextId = 5;
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
    this.exports = new Exports(speed, this.#clock);
    this.scans = new Scans({
      world: this.world,
      maxTargets: settings.maxTargets,
      now: this.#clock,
      nextId: () => this.#nextId++,
      save: () => this.#save(),
    });
    this.#stateFile = stateFile;
    if (stateFile !== undefined && existsSync(stateFile)) this.#restore(stateFile);
  }

  /** As a scanner's own database: what was answered is on disk. */
  #save(): void {
    if (this.#stateFile === undefined) return;
    writeState(this.#stateFile, {
      nextId: this.#nextId,
      ...this.scans.counts,
      scans: this.scans.list().map(({ targets: _, ...scan }) => scan),
      exports: this.exports.entries(),
      effects: this.#effects.list(),
    });
  }

  #restore(path: string): void {
    const saved = readState(path);
    this.#nextId = saved.nextId;
    this.scans.restore(saved.scans, saved);
    this.exports.restore(saved.exports);
    this.#effects = new Effects(saved.effects);
  }

  /** What was done to scans through the API, oldest first. */
  get effects(): readonly Effect[] {
    return this.#effects.list();
  }

  /** Notes what was done to a scan. */
  note(
    what: Effect['what'],
    { id: scanId, description }: SimulatedScan,
    requestId: string | undefined,
  ): void {
    this.#effects.add({ at: this.now(), what, scanId, description, requestId });
    this.#save();
  }

  /** How often things were asked for, since the start. */
  get counts(): { created: number; launched: number; logins: number } {
    return { ...this.scans.counts, logins: this.accounts.logins };
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

  /** An upgrade, after which all templates have other uuids. */
  upgradeTemplates(): void {
    const digits = crypto.randomUUID().slice(0, 8);
    this.templates = this.templates.map((each) => ({ ...each, uuid: `${digits}${each.uuid.slice(8)}` }));
  }

  // Exports

  startExport(id: number, format: ExportFormat, historyId?: number): { file: number; token: string } {
    const scan = this.scans.get(id);
    const status = statusOf(scan, this.world, this.now(), this.scans.run(scan, historyId));
    if (!['completed', 'canceled', 'aborted', 'imported'].includes(status))
      throw new Refusal(409, 'Can not export running scans');
    return this.#startFile({ kind: 'scan', id, format, historyId });
  }

  startPolicyExport(id: number): { file: number; token: string } {
    this.management.policies.get(id);
    return this.#startFile({ kind: 'policy', id, format: 'nessus' });
  }

  #startFile(content: Omit<ExportFile, 'readyAt'>): { file: number; token: string } {
    const started = this.exports.start(this.#nextId++, content);
    this.#save();
    return started;
  }
}
