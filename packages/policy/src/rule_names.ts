import { type AddressRange, type Clock, isoTime, messageOf } from '@nmcp/types';
import { rangesOf } from './networks.ts';
import type { Resolve } from './resolve_with_dns.ts';

/** What a name was looked up to be. */
export interface NameAnswer {
  /** In lower case, without a final dot. */
  name: string;
  /** All its addresses; none when it cannot be looked up. */
  addresses: readonly AddressRange[];
  /** When it was answered, in Unix milliseconds. */
  at: number;
  /** Why it has no address. */
  failure?: string | undefined;
  /** What the name server's silence was, when it gave no answer at all. */
  error?: unknown;
}

/** How long an answer serves submissions; a launch asks anew. */
const MAX_AGE_MS = 60_000;

/** Asks for the addresses of one name; a failure is an answer as well. */
export async function lookUp(name: string, resolve: Resolve, clock: Clock): Promise<NameAnswer> {
  try {
    const addresses = (await resolve(name)).flatMap(rangesOf);
    const failure = addresses.length > 0 ? undefined : 'it has no address';
    return { name, addresses, at: clock(), failure };
  } catch (error) {
    return { name, addresses: [], at: clock(), failure: messageOf(error), error };
  }
}

/** An answer in words, such as `web.example.org (10.0.0.7, looked up at 2026-11-24T21:59:00.000Z)`. */
export function describeAnswer({ name, addresses, at, failure }: NameAnswer): string {
  const what = failure ?? addresses.map(({ text }) => text).join(', ');
  return `${name} (${what}, looked up at ${isoTime(at)})`;
}

/** The names that rules are about, and the newest answer for each. */
export class RuleNames {
  readonly #resolve: Resolve;
  readonly #clock: Clock;
  readonly #known = new Map<string, NameAnswer>();
  readonly #asked = new Map<string, Promise<NameAnswer>>();
  readonly #turnOf = new Map<string, number>();
  #turns = 0;
  /** It counts whenever a name has other addresses than before. */
  changes = 0;

  constructor(resolve: Resolve, clock: Clock) {
    this.#resolve = resolve;
    this.#clock = clock;
  }

  /** The newest answers, without asking. */
  get known(): ReadonlyMap<string, NameAnswer> {
    return this.#known;
  }

  /** Looks names up; those that were answered a moment ago only when `anew`. */
  async lookUp(names: Iterable<string>, { anew = false }: { anew?: boolean } = {}): Promise<NameAnswer[]> {
    return await Promise.all([...new Set(names)].map((name) => this.#answer(name, anew)));
  }

  async #answer(name: string, anew: boolean): Promise<NameAnswer> {
    const known = this.#known.get(name);
    // a failure is asked about again: it denies
    if (!anew && known && known.failure === undefined && this.#clock() - known.at < MAX_AGE_MS) return known;
    // a question that was put before a launch is no look at the launch
    const asked = (anew ? undefined : this.#asked.get(name)) ?? this.#ask(name);
    this.#asked.set(name, asked);
    return await asked;
  }

  async #ask(name: string): Promise<NameAnswer> {
    const turn = ++this.#turns;
    const answer = await lookUp(name, this.#resolve, this.#clock);
    this.#asked.delete(name);
    const before = this.#known.get(name);
    if ((this.#turnOf.get(name) ?? 0) > turn) return answer; // a later question was answered first
    this.#turnOf.set(name, turn);
    this.#known.set(name, answer);
    if (!before || asText(before) !== asText(answer)) this.changes++;
    return answer;
  }
}

function asText({ addresses, failure }: NameAnswer): string {
  const texts = addresses.map(({ family, first }) => `${family}/${first}`).sort();
  return [failure ?? '', ...texts].join(' ');
}
