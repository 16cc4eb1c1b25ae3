import { type FindingEvent, type FindingState, NOT_LOOKED, type Sighting } from './finding_state.ts';

/** A finding of an asset, with its kind. */
export interface StatedFinding extends FindingState {
  kind: number;
}

/** What happened on a day to findings of one severity. */
export interface DayEvents {
  /** Days since 1970. */
  day: number;
  what: FindingEvent['what'];
  /** 0 to 4. */
  severity: number;
  count: number;
  /** Of `fixed`: days that they had been open, together. */
  openDays: number;
}

/** 32-bit numbers of a finding's state. */
export const STATE_NUMBERS = 5;
const STATUSES = ['open', 'fixed', 'reopened'] as const;
const WHAT = ['opened', 'fixed', 'reopened'] as const;

/** States as bytes: little-endian 32-bit numbers, of each kind, first and last seen, fixed at, and the rest as bits. */
export function packStates(states: readonly StatedFinding[]): Uint8Array {
  const numbers = new Uint32Array(states.length * STATE_NUMBERS);
  states.forEach(({ kind, firstSeen, lastSeen, fixedAt, status, notLooked, reopened }, i) => {
    const reason = notLooked === undefined ? 0 : NOT_LOOKED.indexOf(notLooked) + 1;
    const bits = STATUSES.indexOf(status) | (reason << 2) | (Math.min(reopened, 65_535) << 8);
    numbers.set([kind, firstSeen, lastSeen, fixedAt, bits], i * STATE_NUMBERS);
  });
  return new Uint8Array(numbers.buffer);
}

/** Status, reason and number of returns of a state's bits. */
export function readBits(bits: number): Pick<FindingState, 'status' | 'notLooked' | 'reopened'> {
  const notLooked = NOT_LOOKED[((bits >> 2) & 7) - 1];
  return {
    status: STATUSES[bits & 3] ?? 'open',
    reopened: bits >>> 8,
    ...(notLooked === undefined ? {} : { notLooked }),
  };
}

/** Bytes as 32-bit numbers, whatever their place in memory. */
export function numbersOf(bytes: Uint8Array): Uint32Array {
  if (bytes.byteOffset % 4 === 0) return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
  return new Uint32Array(bytes.slice().buffer);
}

/** The states of {@linkcode packStates}. */
export function unpackStates(bytes: Uint8Array): StatedFinding[] {
  const numbers = numbersOf(bytes);
  return Array.from({ length: numbers.length / STATE_NUMBERS }, (_, i) => {
    const [kind = 0, firstSeen = 0, lastSeen = 0, fixedAt = 0, bits = 0] = numbers.subarray(
      i * STATE_NUMBERS,
      (i + 1) * STATE_NUMBERS,
    );
    return { kind, firstSeen, lastSeen, fixedAt, ...readBits(bits) };
  });
}

/** Sightings as bytes: of each its scan, time and login. */
export function packSightings(sightings: readonly Sighting[]): Uint8Array {
  return new Uint8Array(
    Uint32Array.from(sightings.flatMap(({ scan, at, login }) => [scan, at, login])).buffer,
  );
}

/** The sightings of {@linkcode packSightings}. */
export function unpackSightings(bytes: Uint8Array): Sighting[] {
  const numbers = numbersOf(bytes);
  return Array.from({ length: numbers.length / 3 }, (_, i) => ({
    scan: numbers[i * 3] ?? 0,
    at: numbers[i * 3 + 1] ?? 0,
    login: numbers[i * 3 + 2] ?? 0,
  }));
}

/** Events as bytes: of each its day, kind and severity, count, and days open. */
export function packEvents(events: readonly DayEvents[]): Uint8Array {
  return new Uint8Array(
    Uint32Array.from(
      events.flatMap(({ day, what, severity, count, openDays }) => [
        day,
        WHAT.indexOf(what) * 8 + severity,
        count,
        openDays,
      ]),
    ).buffer,
  );
}

/** Reads events without making an object of each; `tell` gets what {@linkcode DayEvents} holds. */
export function readEvents(bytes: Uint8Array, tell: (event: DayEvents) => void): void {
  const numbers = numbersOf(bytes);
  for (let i = 0; i < numbers.length; i += 4) {
    const code = numbers[i + 1] ?? 0;
    tell({
      day: numbers[i] ?? 0,
      what: WHAT[code >> 3] ?? 'opened',
      severity: code & 7,
      count: numbers[i + 2] ?? 0,
      openDays: numbers[i + 3] ?? 0,
    });
  }
}

/** Gathers what happened, by day. */
export class EventTally {
  readonly #events = new Map<number, DayEvents>();

  add({ what, at, open = 0 }: FindingEvent, severity: number): void {
    const day = Math.floor(at / 86_400);
    const key = day * 32 + WHAT.indexOf(what) * 8 + severity;
    const known = this.#events.get(key) ?? { day, what, severity, count: 0, openDays: 0 };
    known.count++;
    known.openDays += Math.round(open / 86_400);
    this.#events.set(key, known);
  }

  result(): DayEvents[] {
    return [...this.#events].sort(([a], [b]) => a - b).map(([, event]) => event);
  }
}
