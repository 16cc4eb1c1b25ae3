import type { FilterScalar } from '@nmcp/types';
import { ipv4Number, parseTargets, type Target, targetsOverlap } from '@nmcp/types/core';
import { invalidFilters } from './filter_error.ts';

/** A test of one value of a field. */
export type ValueTest = (value: FilterScalar) => boolean;

/** Severities by their number. */
export const SEVERITY_NAMES = ['info', 'low', 'medium', 'high', 'critical'] as const;

/** A severity's word; `undefined` for what is none of 0 to 4. */
export function severityName(severity: unknown): (typeof SEVERITY_NAMES)[number] | undefined {
  return SEVERITY_NAMES[Number(severity ?? Number.NaN)];
}

/** Words for severities, those of risk_factor too. */
const SEVERITY_WORDS = new Map<string, number>([
  ...SEVERITY_NAMES.map((name, level) => [name, level] as const),
  ['none', 0],
  ['informational', 0],
]);

const ADDRESS_FIELDS: ReadonlySet<string> = new Set(['host', 'host_ip']);

/** Whether a field holds addresses, so that a network can be looked for in it. */
export function isAddressField(field: string): boolean {
  return ADDRESS_FIELDS.has(field);
}

/** What a whole value of a field looks like; a text that is one is meant exactly. */
const WHOLE: Readonly<Record<string, RegExp>> = {
  port: /^\d{1,5}$/,
  plugin_id: /^\d{1,10}$/,
  severity: /^[0-4]$/,
  cve: /^CVE-\d{4}-\d{4,}$/i,
};

/** The values of a text that is a whole value of the field, or several with commas between them; else `undefined`. */
export function wholeValues(field: string, text: string): string[] | undefined {
  const whole = Object.hasOwn(WHOLE, field) ? WHOLE[field] : undefined;
  if (!whole) return undefined;
  const values = listOf(text);
  return values.length > 0 && values.every((value) => whole.test(value)) ? values : undefined;
}

function listOf(text: string): string[] {
  return text
    .split(/[,;]/)
    .map((value) => value.trim())
    .filter((value) => value !== '');
}

/**
 * A condition on severity with numbers in place of words: `critical` is 4, `>=high` is >=3.
 *
 * @throws {NmcpError} `invalid_input` for a word that is none
 */
export function withSeverityNumbers(condition: unknown, where: string): unknown {
  if (typeof condition === 'string') {
    const [, operator = '', words = ''] = /^\s*(>=|<=|>|<|=)?(.*)$/s.exec(condition) ?? [];
    return (
      operator +
      words
        .split(',')
        .map((word) => severityNumber(word, where, condition))
        .join(',')
    );
  }
  if (typeof condition !== 'object' || condition === null || Array.isArray(condition)) return condition;
  const number = (operand: unknown): unknown =>
    typeof operand === 'string' ? severityNumber(operand, where, operand) : operand;
  return Object.fromEntries(
    Object.entries(condition).map(([word, operand]) => {
      if (word === 'contains' || word === 'regex') return [word, operand];
      return [word, Array.isArray(operand) ? operand.map(number) : number(operand)];
    }),
  );
}

function severityNumber(text: string, where: string, given: string): string {
  const word = text.trim().toLowerCase();
  const level = SEVERITY_WORDS.get(word);
  if (level !== undefined) return String(level);
  if (/^\d+(?:\.\d*)?$/.test(word)) return word;
  throw invalidFilters(
    where,
    `${JSON.stringify(given.slice(0, 60))} is not a severity; expected ${SEVERITY_NAMES.join(', ')} or 0 to 4, with > >= < <= = before it where that is meant`,
  );
}

/**
 * What a text means where addresses are looked for: a whole address, CIDR, range, or a list of these is networks; `undefined`
 * for other text.
 *
 * @throws {NmcpError} `invalid_input` for a network that is written wrong, such as a range that ends before it starts
 */
export function networkIn(text: string, where: string): ValueTest | undefined {
  const joined = text.trim().replaceAll(/\s+-\s+/g, '-');
  const entries = joined.split(/[\s,;]+/).filter((entry) => entry !== '');
  if (entries.length === 0 || !entries.every(isNetworkText)) return undefined;
  return isWithin(entries.join(','), where);
}

/** A whole address, or an address with a prefix or the end of a range behind it. */
function isNetworkText(text: string): boolean {
  return (
    /^\d{1,3}(?:\.\d{1,3}){3}(?:[/-].*)?$/.test(text) ||
    /^[\da-f]*:[\da-f.]*:[\da-f:.]*(?:[/-].*)?$/i.test(text)
  );
}

/** Whether a value is an address of these networks. @throws {NmcpError} `invalid_input` */
export function isWithin(networks: string, where: string): ValueTest {
  const wanted = parseNetworks(networks, where);
  const ofFour = wanted.flatMap((target) =>
    target.kind === 'range' && target.family === 4
      ? [[Number(target.first), Number(target.last)] as const]
      : [],
  );
  const beginning = partsInCommon(ofFour.flat());
  const isIn = (text: string): boolean => {
    if (!text.startsWith(beginning) && !text.includes(':')) return false; // most hosts, mostly
    const four = ipv4Number(text);
    if (four !== undefined) return ofFour.some(([first, last]) => four >= first && four <= last);
    const address = text.includes(':') ? parseOrNone(text) : undefined;
    return address !== undefined && targetsOverlap(address, wanted);
  };
  let last: { value: FilterScalar; within: boolean } | undefined; // findings come host by host
  return (value) => {
    if (last?.value === value) return last.within;
    last = { value, within: typeof value === 'string' && isIn(value) };
    return last.within;
  };
}

/** With which decimal parts all IPv4 addresses begin that lie between some of these numbers. */
function partsInCommon(numbers: readonly number[]): string {
  const parts = numbers.map((number) => [24, 16, 8, 0].map((bits) => (number >>> bits) & 255));
  const [first = []] = parts;
  const count = first.findIndex((part, i) => parts.some((each) => each[i] !== part));
  return count < 0
    ? first.join('.')
    : first
        .slice(0, count)
        .map((part) => `${part}.`)
        .join('');
}

function parseNetworks(networks: string, where: string): Target[] {
  try {
    return parseTargets(networks);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw invalidFilters(where, why.replace(/^targets: entry \d+, /, ''));
  }
}

function parseOrNone(text: string): Target[] | undefined {
  try {
    return parseTargets(text);
  } catch {
    return undefined;
  }
}
