import { compileFilters, type Finding, severityName, shorten } from '@nmcp/schema';
import { foldTargets, type SeverityBreakdown } from '@nmcp/types';
import type { FindingsIndex } from '../index/findings_index.ts';
import { factsOf } from '../summarize_scan.ts';
import { type LookedFor, lookedFor, type NotLooked } from './looked.ts';
import { unreachedHosts } from './reached.ts';
import type {
  ComparedFinding,
  ComparedFindings,
  ComparedHosts,
  HostChanges,
  ScanComparison,
} from './scan_comparison.ts';
import { keyOf, levelOf, Vocabulary } from './vocabulary.ts';

/** Options of {@linkcode compareScans}. */
export interface CompareOptions {
  /** Findings to name of each kind, and hosts. @default 10 */
  top?: number | undefined;
  /** A condition on the severity in either scan, such as `critical` or `>=3`. @default all */
  severity?: string | undefined;
}

/** Compares an earlier and a later scan. @throws {NmcpError} `invalid_input` for a severity that is none */
export function compareScans(
  earlier: FindingsIndex,
  later: FindingsIndex,
  { top = 10, severity }: CompareOptions = {},
): ScanComparison {
  const words = new Vocabulary();
  const [before, after] = words.encode(earlier, later);
  const tally = new Tally(words, { earlier, later, top, isWanted: severityTest(severity) });
  let [i, j] = [0, 0];
  while (i < before.length || j < after.length) {
    const a = before[i] ?? Number.POSITIVE_INFINITY;
    const b = after[j] ?? Number.POSITIVE_INFINITY;
    const [keyA, keyB] = [keyOf(a), keyOf(b)];
    if (keyA < keyB) tally.disappeared(a);
    else if (keyB < keyA) tally.appeared(b);
    else tally.stayed(a, b);
    if (keyA <= keyB) i++;
    if (keyB <= keyA) j++;
  }
  const facts = { earlier: factsOf(earlier), later: factsOf(later) };
  return { ...facts, ...tally.result(), notes: notesOn(earlier, later) };
}

function severityTest(severity: string | undefined): (level: number) => boolean {
  if (severity === undefined) return () => true;
  const { matches } = compileFilters({ severity });
  const wanted = [0, 1, 2, 3, 4].map((level) => matches({ severity: String(level) } as Finding)); // it looks at no other field
  return (level) => wanted[level] ?? false;
}

function notesOn(earlier: FindingsIndex, later: FindingsIndex): string[] {
  if (earlier === later)
    return [
      'Both are the same scan, which has not changed from itself: give an earlier scan of the same targets',
    ];
  const notes: string[] = [];
  const names = new Set(later.hostNames);
  if (!earlier.hostNames.some((name) => names.has(name)))
    notes.push(
      `The scans have no host in common (${foldTargets(earlier.hostNames.join(','), 80).text || 'none'}; ${foldTargets(later.hostNames.join(','), 80).text || 'none'}), so nothing can be said of what changed`,
    );
  const [start, end] = [earlier.meta.scan_start, later.meta.scan_start];
  if (start !== undefined && end !== undefined && start > end)
    notes.push(`The scan given as the later one ran before the other (${end} and ${start}): exchange them`);
  const [before, after] = [earlier.pluginSet, later.pluginSet];
  const dropped = after.size === 0 ? 0 : [...before].filter((plugin) => !after.has(plugin)).length;
  if (dropped > 0) notes.push(`${dropped} plugins that the earlier scan ran are not in the later one's set`);
  const [portsBefore, portsAfter] = [earlier.meta.portRange, later.meta.portRange];
  if (portsBefore !== undefined && portsAfter !== undefined && portsBefore !== portsAfter)
    notes.push(`The scans looked at other ports: ${shorten(portsBefore, 80)}; ${shorten(portsAfter, 80)}`);
  return notes;
}

/** Numbers of the hosts that a scan reached. */
function reachedIds(words: Vocabulary, index: FindingsIndex): Set<number> {
  const unreached = unreachedHosts(index);
  return new Set([...words.hostIds(index)].filter((_, host) => !unreached.has(host)));
}

/** The worst few of many, and how many there are. */
class Worst {
  readonly #top: number;
  readonly #bySeverity: number[][] = [[], [], [], [], []];
  readonly counts: SeverityBreakdown = { critical: 0, high: 0, medium: 0, low: 0, info: 0 };
  total = 0;

  constructor(top: number) {
    this.#top = top;
  }

  add(encoded: number): void {
    const severity = levelOf(encoded);
    this.counts[severityName(severity) ?? 'info']++;
    this.total++;
    const kept = this.#bySeverity[severity];
    if (kept && kept.length < this.#top) kept.push(encoded);
  }

  worst(): number[] {
    return this.#bySeverity.toReversed().flat().slice(0, this.#top);
  }
}

interface TallyOptions {
  earlier: FindingsIndex;
  later: FindingsIndex;
  top: number;
  isWanted: (level: number) => boolean;
}

const NAME_LENGTH = 90;
/** Characters of a list of hosts. */
const HOSTS_LENGTH = 300;

class Tally {
  readonly #words: Vocabulary;
  readonly #options: TallyOptions;
  readonly #inEarlier: Set<number>;
  readonly #inLater: Set<number>;
  readonly #notLooked: LookedFor;
  readonly #notLookedBefore: LookedFor;
  readonly #kinds: Record<'new' | 'fixed' | 'persisting' | 'notLooked' | 'gone' | 'added', Worst>;
  readonly #reasons: Record<NotLooked, number> = { login: 0, port: 0, plugin: 0 };
  readonly #changed: { encoded: number; earlier: number }[] = [];
  #newlySeen = 0;
  readonly #hostChanges = new Map<number, HostChanges>();

  constructor(words: Vocabulary, options: TallyOptions) {
    const { earlier, later, top } = options;
    this.#words = words;
    this.#options = options;
    this.#inEarlier = reachedIds(words, earlier);
    this.#inLater = reachedIds(words, later);
    this.#notLooked = lookedFor(earlier, later);
    this.#notLookedBefore = lookedFor(later, earlier);
    this.#kinds = {
      ...{ new: new Worst(top), fixed: new Worst(top), notLooked: new Worst(top) },
      ...{ persisting: new Worst(0), gone: new Worst(0), added: new Worst(0) },
    };
  }

  disappeared(encoded: number): void {
    if (!this.#options.isWanted(levelOf(encoded))) return;
    const host = this.#words.hostOf(encoded);
    if (!this.#inLater.has(host)) {
      this.#kinds.gone.add(encoded);
      return;
    }
    const reason = this.#reasonFor(encoded, this.#notLooked);
    if (reason === undefined) {
      this.#kinds.fixed.add(encoded);
      this.#changesOf(host).fixed++;
    } else {
      this.#kinds.notLooked.add(encoded);
      this.#reasons[reason]++;
    }
  }

  appeared(encoded: number): void {
    if (!this.#options.isWanted(levelOf(encoded))) return;
    const host = this.#words.hostOf(encoded);
    if (!this.#inLater.has(host)) return; // it says that it did not answer
    if (!this.#inEarlier.has(host)) {
      this.#kinds.added.add(encoded);
      return;
    }
    this.#kinds.new.add(encoded);
    this.#changesOf(host).new++;
    if (this.#reasonFor(encoded, this.#notLookedBefore) !== undefined) this.#newlySeen++;
  }

  stayed(before: number, after: number): void {
    const { isWanted } = this.#options;
    if (!isWanted(levelOf(before)) && !isWanted(levelOf(after))) return;
    if (this.#checkChanged(before, after)) return;
    this.#kinds.persisting.add(after);
    this.#changesOf(this.#words.hostOf(after)).persisting++;
    if (before !== after) this.#changed.push({ encoded: after, earlier: levelOf(before) });
  }

  /** A compliance check is there in both scans: that it passes now is a fix, and that it no longer does is new. */
  #checkChanged(before: number, after: number): boolean {
    const isCheck = this.#words.kindOf(after).check !== undefined;
    const [passed, passes] = [levelOf(before) === 0, levelOf(after) === 0];
    if (!isCheck || passed === passes) return false;
    this.#kinds[passes ? 'fixed' : 'new'].add(passes ? before : after);
    this.#changesOf(this.#words.hostOf(after))[passes ? 'fixed' : 'new']++;
    return true;
  }

  result(): Omit<ScanComparison, 'notes' | 'earlier' | 'later'> {
    const { top } = this.#options;
    const { persisting, gone, added } = this.#kinds;
    const worstOfChanged = (change: { encoded: number; earlier: number }): number =>
      Math.max(levelOf(change.encoded), change.earlier);
    const changed = this.#changed.sort((a, b) => worstOfChanged(b) - worstOfChanged(a)).slice(0, top);
    const changes = [...this.#hostChanges.values()].filter((host) => host.new + host.fixed > 0);
    const both = [...this.#inEarlier].filter((host) => this.#inLater.has(host)).length;
    const notLooked = this.#kinds.notLooked.worst().map((encoded) => {
      const reason = this.#reasonFor(encoded, this.#notLooked);
      return { ...this.#describe(encoded), ...(reason === undefined ? {} : { reason }) };
    });
    return {
      new: this.#shown(this.#kinds.new),
      fixed: this.#shown(this.#kinds.fixed),
      persisting: { total: persisting.total, by_severity: persisting.counts },
      changed_severity: {
        total: this.#changed.length,
        worst: changed.map(({ encoded, earlier }) => ({
          ...this.#describe(encoded),
          earlier_severity: earlier,
        })),
      },
      not_looked: { ...this.#shown(this.#kinds.notLooked), by_reason: this.#reasons, worst: notLooked },
      new_but_not_looked_before: this.#newlySeen,
      hosts: {
        only_earlier: this.#inEarlier.size - both,
        only_later: this.#inLater.size - both,
        both,
        gone: this.#hostsOf(this.#inEarlier, this.#inLater, gone),
        added: this.#hostsOf(this.#inLater, this.#inEarlier, added),
      },
      host_changes: changes.sort((a, b) => b.new + b.fixed - a.new - a.fixed).slice(0, top),
    };
  }

  #hostsOf(of: ReadonlySet<number>, notOf: ReadonlySet<number>, found: Worst): ComparedHosts {
    const names = [...of].filter((host) => !notOf.has(host)).map((host) => this.#words.hosts[host] ?? '');
    return {
      hosts: foldTargets(names.join(','), HOSTS_LENGTH).text,
      total: names.length,
      findings: found.total,
      by_severity: found.counts,
    };
  }

  #reasonFor(encoded: number, look: LookedFor): NotLooked | undefined {
    return look(this.#words.hosts[this.#words.hostOf(encoded)] ?? '', this.#words.kindOf(encoded));
  }

  #shown(kind: Worst): ComparedFindings {
    const worst = kind.worst().map((encoded) => this.#describe(encoded));
    return { total: kind.total, by_severity: kind.counts, worst };
  }

  #describe(encoded: number): ComparedFinding {
    const kind = this.#words.kindOf(encoded);
    const severity = levelOf(encoded);
    return {
      host: this.#words.hosts[this.#words.hostOf(encoded)] ?? '',
      ...kind,
      plugin_name: shorten(kind.plugin_name, NAME_LENGTH),
      ...(kind.check === undefined ? {} : { check: shorten(kind.check, NAME_LENGTH) }),
      severity,
      severity_name: severityName(severity) ?? 'info',
    };
  }

  #changesOf(host: number): HostChanges {
    const known = this.#hostChanges.get(host) ?? {
      host: this.#words.hosts[host] ?? '',
      new: 0,
      fixed: 0,
      persisting: 0,
    };
    this.#hostChanges.set(host, known);
    return known;
  }
}
