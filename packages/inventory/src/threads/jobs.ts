import { readFileSync, statSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { type Carried, carry, createResultsReader } from '@nmcp/results';
import type { AcceptedRisk } from '../accepted_risk.ts';
import { type Applied, type AppliedScan, applyScan } from '../apply/apply_scan.ts';
import { reportOf } from '../apply/scan_report.ts';
import { type AssetRules, DEFAULT_RULES, readAssetRules } from '../asset_rules.ts';
import type { InventoryView } from '../inventory_view.ts';
import { loadView, type Viewer } from '../load_view.ts';
import { QUESTIONS, type QuestionName } from '../questions/questions.ts';
import type { InventoryStore } from '../store/inventory_store.ts';
import { openStore } from '../store/open_store.ts';
import { practise } from './practise.ts';

// on Linux a thread has a priority of its own: what it computes must not slow down the thread that answers everybody
if (process.platform === 'linux') setPriority(constants.priority.PRIORITY_BELOW_NORMAL);

/** Where the inventory is, and the operator's rules. */
export interface InventoryPlace {
  /** A URL of PostgreSQL, or the path of a file. */
  url: string;
  /** Path of inventory.yaml. */
  rulesFile?: string | undefined;
}

/** Something for a thread to do. */
export type Job = InventoryPlace &
  (
    | { kind: 'question'; name: QuestionName; input: unknown; viewer: Viewer }
    | { kind: 'apply'; path: string; partial: boolean; scan: AppliedScan }
    | { kind: 'known' }
    | { kind: 'version' }
    | { kind: 'accept_risk'; risk: AcceptedRisk }
    | { kind: 'take_back_risk'; id: string }
  );

/** Views that are kept, by who looks. */
const MOST_VIEWS = 3;

/** A view, and the risks that were accepted when it was read: who accepts one changes the version. */
interface KeptView {
  view: InventoryView;
  risks: readonly AcceptedRisk[];
}

let opened: Promise<InventoryStore> | undefined;
const views = new Map<string, KeptView>();
let hasPractised = false;
let rules: { stamp: string; read: AssetRules } = { stamp: '', read: DEFAULT_RULES };

/** Does a job; what it throws is carried to the other thread as a value. */
export default async function doJob(job: Job): Promise<Carried<unknown>> {
  try {
    return { value: await resultOf(job) };
  } catch (error) {
    return { error: carry(error) };
  }
}

async function resultOf(job: Job): Promise<unknown> {
  const store = await storeAt(job.url);
  switch (job.kind) {
    case 'known':
      return await store.known();
    case 'version':
      return await store.version();
    case 'apply':
      return await apply(store, job);
    case 'accept_risk':
      return await store.addRisk(job.risk);
    case 'take_back_risk':
      return await store.removeRisk(job.id);
    case 'question': {
      const { view, risks, isNew } = await viewOf(store, job);
      const known = { rules: rules.read, risks, now: Math.floor(Date.now() / 1000) };
      const asked = { view, store, known };
      if (isNew) await practise(asked, !hasPractised);
      hasPractised ||= isNew;
      const ask = QUESTIONS[job.name] as (asked: object, input: unknown) => unknown; // of that question
      return await ask(asked, job.input);
    }
  }
}

/** One that cannot be opened is tried again with the next job. */
async function storeAt(url: string): Promise<InventoryStore> {
  opened ??= openStore(url);
  try {
    return await opened;
  } catch (error) {
    opened = undefined;
    throw error;
  }
}

async function apply(
  store: InventoryStore,
  { path, partial, scan, rulesFile }: Extract<Job, { kind: 'apply' }>,
): Promise<Applied> {
  readRules(rulesFile);
  using results = createResultsReader({ maxOpen: 1, lingerMs: 0 });
  return await applyScan(store, reportOf(await results.open(path), { partial }), {
    ...scan,
    ...rules.read.pools.get(scan.pool),
  });
}

async function viewOf(
  store: InventoryStore,
  { viewer, rulesFile }: Extract<Job, { kind: 'question' }>,
): Promise<KeptView & { isNew: boolean }> {
  readRules(rulesFile);
  const key = JSON.stringify([viewer, rules.stamp]);
  const known = views.get(key);
  const isNew = !known || known.view.version !== (await store.version());
  const kept =
    known && !isNew ? known : { view: await loadView(store, rules.read, viewer), risks: await store.risks() };
  views.delete(key);
  views.set(key, kept);
  const [oldest] = views.keys();
  if (views.size > MOST_VIEWS && oldest !== undefined) views.delete(oldest);
  return { ...kept, isNew };
}

/** Reads the operator's rules again when their file has changed. */
function readRules(file: string | undefined): void {
  if (file === undefined) return;
  const { mtimeMs, size } = statSync(file);
  const stamp = `${mtimeMs}/${size}`;
  if (stamp !== rules.stamp) rules = { stamp, read: readAssetRules(readFileSync(file, 'utf8'), file) };
}
