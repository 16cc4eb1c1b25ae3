import { isComplianceCheck } from './compliance.ts';
import { bestScore, CONVERTED, type Finding, fieldValue } from './finding.ts';
import { fieldOfElement } from './finding_builder.ts';
import { noteWritten } from './written_text.ts';
import { decodeAttribute, decodeText } from './xml/entities.ts';

/**
 * An element of an item, and those that have followed it in items that were read. The elements of most items come in one of a few
 * dozen orders, and the order decides what becomes of each of them, but for its text.
 */
interface Step {
  name: string;
  /** What it begins with behind its `<`, and its end tag, which mostly has a line end behind it. */
  start: string;
  end: string;
  endOfLine: string;
  /** The field that it becomes; absent for an element that is called like an attribute, and mostly says the same. */
  field: string | undefined;
  converts: boolean;
  next: Step[];
  /** Absent where no item has ended. */
  layout: Layout | undefined;
}

/** What items of the same elements in the same order have in common. */
interface Layout {
  /** A finding with all of its fields and no values: a copy of it is much faster than a finding that gets one by one. */
  shape: Finding;
  /** Whether the best score of the finding is in an element of its own, is one of the others, or is absent. */
  score: 'given' | 'best' | 'none';
}

const HEAD =
  /^<ReportItem port="([^"<]*)" svc_name="([^"<]*)" protocol="([^"<]*)" severity="([^"<]*)" pluginID="([^"<]*)" pluginName="([^"<]*)" pluginFamily="([^"<]*)"\s*>$/;
/** What its attributes become, from its first group on. */
const HEAD_FIELDS = ['', ...'port svc_name protocol severity plugin_id plugin_name plugin_family'.split(' ')];
const SCORE = 'cvss_score';

/** Names come from documents, so what is kept of them has a limit. */
const MAX_STEPS = 5000;
const MAX_NEXT = 50;
const START = stepOf('');
let steps = 0;

function stepOf(name: string): Step {
  const field = fieldOfElement(name);
  return {
    name,
    start: `${name}>`,
    end: `/${name}>`,
    endOfLine: `/${name}>\n`,
    field,
    converts: field !== undefined && CONVERTED.includes(field),
    next: [],
    layout: undefined,
  };
}

function isAt(step: Step, piece: string, end: string): boolean {
  return (end === step.endOfLine || end === step.end) && piece.startsWith(step.start);
}

/**
 * Reads an item whose elements come in an order that was learned.
 *
 * @param head its start tag
 * @param pieces what is behind it, cut at each `<`: `tag>text` and `/tag>` take turns
 * @returns `undefined` for any other item, and for one whose texts ask for more
 * @throws {EntityError} on a bad reference
 */
export function readByLayout(head: string, pieces: readonly string[], host: string): Finding | undefined {
  const attributes = HEAD.exec(head);
  if (!attributes || (pieces[0] !== '\n' && pieces[0] !== '')) return undefined;
  const path: Step[] = [];
  const texts: (string | string[])[] = [];
  let last = START;
  for (let index = 1; index < pieces.length; index += 2) {
    const piece = pieces[index] ?? '';
    const end = pieces[index + 1] ?? '';
    const isAgain = last !== START && isAt(last, piece, end);
    const step = isAgain ? last : nextStep(last, piece, end);
    if (!step) return undefined;
    const text = decodeText(piece.slice(step.start.length));
    if (isAgain) texts.push([texts.pop() ?? [], text].flat());
    else {
      path.push(step);
      texts.push(text);
    }
    last = step;
  }
  return last.layout && withValues(last.layout, host, attributes, path, texts);
}

function nextStep({ next }: Step, piece: string, end: string): Step | undefined {
  for (const step of next) if (isAt(step, piece, end)) return step;
  return undefined;
}

function withValues(
  { shape, score }: Layout,
  host: string,
  attributes: readonly string[],
  path: readonly Step[],
  texts: readonly (string | readonly string[])[],
): Finding | undefined {
  const finding: Finding = { ...shape };
  finding.type = 'vulnerability';
  finding.host = host;
  for (let group = 1; group < HEAD_FIELDS.length; group++)
    finding[HEAD_FIELDS[group] ?? ''] = decodeAttribute(attributes[group] ?? '');
  for (let index = 0; index < path.length; index++) {
    const step = path[index] ?? START;
    const text = texts[index] ?? '';
    if (step.field === undefined) {
      if (!saysTheSame(text, finding[step.name])) return undefined;
    } else if (step.converts) convert(finding, step.field, text);
    else finding[step.field] = text;
  }
  if (score !== 'given') {
    const best = bestScore((field) => finding[field]);
    if ((best === undefined) !== (score === 'none')) return undefined;
    if (best !== undefined) finding[SCORE] = best;
  }
  return isComplianceCheck(finding) ? undefined : finding;
}

function convert(finding: Finding, field: string, text: string | readonly string[]): void {
  if (typeof text !== 'string') finding[field] = text.flatMap((one) => fieldValue(field, one));
  else {
    const value = fieldValue(field, text);
    finding[field] = value;
    if (typeof value === 'number') noteWritten(finding, field, text);
  }
}

function saysTheSame(text: string | readonly string[], attribute: unknown): boolean {
  return [text].flat().every((one) => one.trim() === attribute);
}

/** Learns the order of an item's elements from the finding that they became; some have rules that ask for more than the order. */
export function learnLayout(head: string, pieces: readonly string[], finding: Finding): void {
  if (!HEAD.test(head) || isComplianceCheck(finding)) return;
  const path = [START];
  for (let index = 1; index < pieces.length; index += 2) {
    const name = (pieces[index] ?? '').split('>', 1)[0] ?? '';
    const last = path.at(-1) ?? START;
    if (name === last.name) continue;
    const isPlain = name !== 'attachment' && name !== 'compliance' && !(`item_${name}` in finding);
    const step = isPlain && path.every((other) => other.name !== name) ? childOf(last, name) : undefined;
    if (!step) return;
    path.push(step);
  }
  const last = path.at(-1) ?? START;
  const isGiven = path.some(({ field }) => field === SCORE);
  const score = isGiven ? 'given' : SCORE in finding ? 'best' : 'none';
  last.layout ??= { shape: withoutValues(finding), score };
}

function childOf(step: Step, name: string): Step | undefined {
  const known = step.next.find((other) => other.name === name);
  if (known || steps >= MAX_STEPS || step.next.length >= MAX_NEXT) return known;
  steps++;
  const made = stepOf(name);
  step.next.push(made);
  return made;
}

function withoutValues(finding: Finding): Finding {
  const shape: Finding = { ...finding };
  for (const field in shape) shape[field] = null;
  return shape;
}
