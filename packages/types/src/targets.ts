import ipaddr from 'ipaddr.js';
import { NmcpError } from './error.ts';
import { ipv4Number } from './ipv4_number.ts';
import type { AddressRange, HostTarget, Target } from './target.ts';
import { TargetSet } from './target_set.ts';

/** Options of {@linkcode parseTargets}. */
export interface ParseTargetsOptions {
  /** Characters that a list may have. @default 65536 */
  maxLength?: number;
}

/** Characters of a target list that a caller may send. */
export const MAX_TARGETS_LENGTH = 65_536;

/**
 * Reads a target list in Nessus's syntax: addresses, CIDR, ranges (`10.0.0.1-20`, `10.0.0.1-10.0.1.5`), host names and
 * `name[address]`, separated by commas, blanks or line ends. Nothing is expanded: a /8 costs as much as one address.
 *
 * @throws {NmcpError} `invalid_input` naming the entry that is wrong and what would be right.
 *
 * @example
 * ```ts
 * import { countAddresses, parseTargets } from '@nmcp/types';
 *
 * console.assert(countAddresses(parseTargets('10.0.0.0/28, 10.0.1.1-5')) === 21n);
 * ```
 */
export function parseTargets(text: string, options: ParseTargetsOptions = {}): Target[] {
  const maxLength = options.maxLength ?? MAX_TARGETS_LENGTH;
  if (text.length > maxLength) {
    throw invalid(`targets is ${text.length} characters long; at most ${maxLength} are allowed`);
  }
  const entries = text
    .replaceAll(/\s+-\s+/g, '-')
    .split(/[\s,;]+/)
    .filter((entry) => entry !== '');
  if (entries.length === 0) {
    throw invalid(
      'targets is empty; expected addresses, CIDR blocks, ranges or host names, such as "10.0.0.0/28, web.example.org"',
    );
  }
  return entries.map((entry, index) => parseTarget(entry, index + 1));
}

/** How many addresses a list has, a host name counting as one. Ranges that overlap count twice. */
export function countAddresses(targets: readonly Target[]): bigint {
  return targets.reduce((sum, t) => sum + (t.kind === 'range' ? t.last - t.first + 1n : 1n), 0n);
}

/** Whether two lists have an address or a host name in common. */
export function targetsOverlap(a: readonly Target[], b: readonly Target[]): boolean {
  const [few, many] = a.length <= b.length ? [a, b] : [b, a];
  if (few.length * many.length > MAX_PAIRS) return setOf(few).overlaps(setOf(many));
  return few.some((x) => many.some((y) => overlaps(x, y)));
}

/** Pairs of targets that are compared one by one; more are looked up. */
const MAX_PAIRS = 100;
/** Sets of lists, which are made once. */
const sets = new WeakMap<readonly Target[], TargetSet>();

function setOf(targets: readonly Target[]): TargetSet {
  const known = sets.get(targets) ?? new TargetSet(targets);
  sets.set(targets, known);
  return known;
}

/** An address as text: dotted decimal, or IPv6 in its short form. */
export function formatAddress(family: 4 | 6, value: bigint): string {
  const size = family === 4 ? 4 : 16;
  const bytes = Array.from({ length: size }, (_, i) => Number((value >> BigInt(8 * (size - 1 - i))) & 0xffn));
  return ipaddr.fromByteArray(bytes).toString();
}

function overlaps(a: Target, b: Target): boolean {
  const rangeA = a.kind === 'range' ? a : a.address;
  const rangeB = b.kind === 'range' ? b : b.address;
  if (
    rangeA &&
    rangeB &&
    rangeA.family === rangeB.family &&
    rangeA.first <= rangeB.last &&
    rangeB.first <= rangeA.last
  ) {
    return true;
  }
  return a.kind === 'host' && b.kind === 'host' && a.name === b.name;
}

function invalid(message: string): NmcpError {
  return new NmcpError('invalid_input', message, { title: 'Invalid targets' });
}

function parseTarget(text: string, position: number): Target {
  const fail = (why: string): NmcpError =>
    invalid(`targets: entry ${position}, ${JSON.stringify(text.slice(0, 80))}: ${why}`);
  const pinned = /^(.+)\[(.+)\]$/.exec(text);
  if (pinned) {
    const [, name = '', address = ''] = pinned;
    return { ...parseHost(name, text, fail), address: parseAddress(address, text, fail) };
  }
  if (text.includes('/')) return parseCidr(text, fail);
  if (isAddress(text)) return parseAddress(text, text, fail);
  const dash = text.indexOf('-');
  if (dash > 0 && isAddress(text.slice(0, dash))) return parseRange(text, dash, fail);
  if (/^[\d.]+(?:-[\d.]*)?$/.test(text))
    throw fail('is not an IPv4 address: expected four numbers from 0 to 255, without leading zeros');
  if (text.includes(':')) throw fail('is not an IPv6 address');
  return parseHost(text, text, fail);
}

type Fail = (why: string) => NmcpError;

function isAddress(text: string): boolean {
  return ipv4Number(text) !== undefined || (!text.includes('%') && ipaddr.IPv6.isValid(text));
}

function parseAddress(text: string, whole: string, fail: Fail): AddressRange {
  const four = ipv4Number(text);
  if (four !== undefined)
    return { kind: 'range', text: whole, family: 4, first: BigInt(four), last: BigInt(four) };
  if (!isAddress(text)) throw fail(`${JSON.stringify(text.slice(0, 60))} is not an address`);
  const parsed = ipaddr.process(text); // an IPv4-mapped IPv6 address is the IPv4 address
  const value = parsed.toByteArray().reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  // so is an IPv4-compatible one, in whichever notation; :: and ::1 are addresses of their own
  const isIPv4 = parsed.kind() === 'ipv4' || (value > 1n && value < 1n << 32n);
  return { kind: 'range', text: whole, family: isIPv4 ? 4 : 6, first: value, last: value };
}

function parseCidr(text: string, fail: Fail): AddressRange {
  const slash = text.indexOf('/');
  const base = parseAddress(text.slice(0, slash), text, fail);
  const bits = base.family === 4 ? 32 : 128;
  const isEmbedded = base.family === 4 && text.includes(':'); // its prefix counts the bits of IPv6
  const written = prefixLength(text.slice(slash + 1), isEmbedded ? 6 : base.family);
  const prefix = isEmbedded && written !== undefined ? written - 96 : written;
  if (prefix === undefined || prefix > bits || prefix < 0)
    throw fail(
      isEmbedded
        ? 'the prefix length of an IPv4 address in IPv6 must be a number from 96 to 128; write it as IPv4'
        : `the prefix length must be a number from 0 to ${bits}`,
    );
  const size = 1n << BigInt(bits - prefix);
  const first = base.first - (base.first % size);
  return { ...base, first, last: first + size - 1n };
}

function prefixLength(text: string, family: 4 | 6): number | undefined {
  if (/^\d{1,3}$/.test(text)) return Number(text);
  if (family === 6 || !ipaddr.IPv4.isValidFourPartDecimal(text)) return undefined;
  return ipaddr.IPv4.parse(text).prefixLengthFromSubnetMask() ?? undefined;
}

function parseRange(text: string, dash: number, fail: Fail): AddressRange {
  const from = parseAddress(text.slice(0, dash), text, fail);
  const end = text.slice(dash + 1);
  const isOctet = /^\d{1,3}$/.test(end) && from.family === 4;
  const to = isOctet ? lastOctet(from, Number(end), fail) : endOfRange(from, end, text, fail);
  if (to < from.first) throw fail('the range ends before it starts');
  return { ...from, last: to };
}

function endOfRange(from: AddressRange, end: string, text: string, fail: Fail): bigint {
  const { family, first } = parseAddress(end, text, fail);
  if (family !== from.family) throw fail('both ends of a range must be of one address family');
  return first;
}

function lastOctet(from: AddressRange, octet: number, fail: Fail): bigint {
  if (octet > 255) throw fail('the last number of a range must be at most 255');
  return from.first - (from.first & 0xffn) + BigInt(octet);
}

const LABEL = /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/;

function parseHost(text: string, whole: string, fail: Fail): HostTarget {
  const name = text.toLowerCase().replace(/\.$/, '');
  const labels = name.split('.');
  if (name.length > 253 || !labels.every((label) => LABEL.test(label))) {
    throw fail('is neither an address, a CIDR block, a range nor a host name');
  }
  // RFC 3696 2: a top-level name is never all digits, so that no number form of an address passes for a name.
  if (/^(?:\d+|0x[\da-f]*)$/.test(labels.at(-1) ?? '')) {
    throw fail('is not an address and cannot be a host name, since its last part is a number');
  }
  return { kind: 'host', text: whole, name };
}
