import type { Clock } from '@nmcp/types';
import {
  type ImportedReport,
  type ScanLogins,
  type ScanRun,
  type ScanWorld,
  type SimulatedScan,
  statusOf,
  type UsedPolicy,
} from '../scan.ts';
import { readTargets } from './read_targets.ts';
import { notFound, Refusal } from './refusal.ts';

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
  policy?: UsedPolicy | undefined;
}

/** A scan that is there without anybody having made it by this API. */
export interface PlantedScan {
  name: string;
  /** Unix milliseconds. */
  createdAt: number;
  description?: string | undefined;
  sharedBy?: string | undefined;
  imported?: ImportedReport | undefined;
}

/** What {@linkcode Scans} works with. */
export interface ScansOptions {
  world: ScanWorld;
  /** Addresses that one scan may have. */
  maxTargets: number;
  now: Clock;
  /** Numbers that nothing else on the scanner has. */
  nextId: () => number;
  /** Called after every change. */
  save: () => void;
}

/** The scans of the simulated scanner, and what may be done to them. */
export class Scans {
  readonly #options: ScansOptions;
  readonly #byId = new Map<number, SimulatedScan>();
  #created = 0;
  #launched = 0;

  constructor(options: ScansOptions) {
    this.#options = options;
  }

  /** How often scans were created and launched, since the start. */
  get counts(): { created: number; launched: number } {
    return { created: this.#created, launched: this.#launched };
  }

  list(): SimulatedScan[] {
    return [...this.#byId.values()];
  }

  /** What tests look at. */
  overview(): ScanOverview[] {
    return this.list().map((scan) => {
      const { id, name, description, runs } = scan;
      return { id, name, description, status: this.status(scan), launches: runs.length };
    });
  }

  /** @throws {Refusal} 404 */
  get(id: number): SimulatedScan {
    const scan = this.#byId.get(id);
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
    return statusOf(scan, this.#options.world, this.#options.now());
  }

  create(content: NewScanContent): SimulatedScan {
    this.#created++;
    return this.#add(content, this.#options.now());
  }

  /** Puts a scan there that does not count as created. */
  plant({ name, createdAt, description = '', sharedBy, imported }: PlantedScan): SimulatedScan {
    const content = {
      name,
      description,
      targetText: '192.0.2.1',
      folderId: 3,
      templateUuid: '',
      logins: {},
      ...(sharedBy === undefined ? {} : { sharedBy }),
      ...(imported ? { imported } : {}),
    };
    return this.#add(content, createdAt);
  }

  #add(content: NewScanContent & Pick<SimulatedScan, 'sharedBy' | 'imported'>, now: number): SimulatedScan {
    const targets = this.#targets(content.targetText);
    const scan: SimulatedScan = {
      ...content,
      id: this.#options.nextId(),
      uuid: `template-${crypto.randomUUID()}`,
      targets,
      createdAt: now,
      modifiedAt: now,
      isRead: true,
      isScheduled: false,
      runs: [],
    };
    this.#byId.set(scan.id, scan);
    this.#options.save();
    return scan;
  }

  change(
    id: number,
    fields: Partial<
      Pick<
        SimulatedScan,
        'name' | 'description' | 'folderId' | 'isRead' | 'isScheduled' | 'targetText' | 'logins'
      >
    >,
  ): SimulatedScan {
    const scan = this.get(id);
    if (fields.targetText !== undefined) scan.targets = this.#targets(fields.targetText);
    Object.assign(scan, fields, { modifiedAt: this.#options.now() });
    this.#options.save();
    return scan;
  }

  copy(id: number, to: { name?: string | undefined; folderId?: number | undefined }): SimulatedScan {
    const { name, description, targetText, folderId, templateUuid, logins, policy } = this.get(id);
    const same = { description, targetText, templateUuid, logins, policy };
    return this.create({
      ...same,
      name: to.name ?? `Copy of ${name}`,
      folderId: to.folderId ?? folderId,
    });
  }

  import(report: ImportedReport & { name: string }, folderId: number): SimulatedScan {
    const { name, xml, hosts } = report;
    const content = {
      name,
      description: '',
      targetText: '127.0.0.1',
      folderId,
      templateUuid: '',
      logins: {},
      imported: { xml, hosts },
    };
    const scan = this.#add(content, this.#options.now());
    scan.targetText = hosts.map((host) => host.name).join(',');
    this.#options.save();
    return scan;
  }

  launch(id: number, altTargets?: readonly string[]): ScanRun {
    const scan = this.get(id);
    if (this.isActive(scan)) throw new Refusal(409, 'The scan is already running');
    if (scan.imported) throw new Refusal(400, 'An imported scan cannot be launched');
    if (altTargets) scan.targets = this.#targets(altTargets.join(','));
    this.#launched++;
    return this.#start(scan, this.#options.now(), altTargets ? { altTargets: altTargets.join(',') } : {});
  }

  /** Starts a run that nobody has asked for by this API. */
  runBySchedule(id: number, startedAt: number = this.#options.now()): void {
    this.#start(this.get(id), startedAt);
  }

  #start(scan: SimulatedScan, startedAt: number, more: Pick<ScanRun, 'altTargets'> = {}): ScanRun {
    const run: ScanRun = {
      historyId: this.#options.nextId(),
      uuid: crypto.randomUUID(),
      startedAt,
      pausedFor: 0,
      ...more,
    };
    scan.runs.push(run);
    scan.modifiedAt = startedAt;
    this.#options.save();
    return run;
  }

  stop(id: number): void {
    this.#activeRun(id).stoppedAt = this.#options.now();
    this.#options.save();
  }

  /** Ends a run as the scanner itself does. */
  abort(id: number): void {
    const run = this.#activeRun(id);
    run.stoppedAt = run.pausedAt ?? this.#options.now();
    run.isAborted = true;
    this.#options.save();
  }

  pause(id: number): void {
    this.#activeRun(id).pausedAt = this.#options.now();
    this.#options.save();
  }

  resume(id: number): void {
    const run = this.get(id).runs.at(-1);
    if (run?.pausedAt === undefined) throw new Refusal(409, 'The scan is not paused');
    run.pausedFor += this.#options.now() - run.pausedAt;
    delete run.pausedAt;
    this.#options.save();
  }

  /** Whether a run is under way, or paused. */
  isActive(scan: SimulatedScan): boolean {
    return ['pending', 'running', 'processing', 'paused'].includes(this.status(scan));
  }

  deleteHistory(id: number, historyId: number): void {
    const scan = this.get(id);
    const run = this.run(scan, historyId);
    scan.runs = scan.runs.filter((each) => each !== run);
    this.#options.save();
  }

  delete(id: number): void {
    const scan = this.get(id);
    if (['pending', 'running', 'processing'].includes(this.status(scan)))
      throw new Refusal(409, 'The scan is running');
    this.#byId.delete(id);
    this.#options.save();
  }

  #activeRun(id: number): ScanRun {
    const scan = this.get(id);
    const run = scan.runs.at(-1);
    if (!run || !this.isActive(scan)) throw new Refusal(409, 'The scan is not running');
    scan.modifiedAt = this.#options.now();
    return run;
  }

  /** Puts scans there as they were; targets are read from their text again. */
  restore(
    scans: readonly Omit<SimulatedScan, 'targets'>[],
    counts: { created: number; launched: number },
  ): void {
    this.#created = counts.created;
    this.#launched = counts.launched;
    for (const scan of scans) this.#byId.set(scan.id, { ...scan, targets: this.#targets(scan.targetText) });
  }

  #targets(text: string): SimulatedScan['targets'] {
    const { world, maxTargets } = this.#options;
    return readTargets(text, world.network, maxTargets);
  }
}
