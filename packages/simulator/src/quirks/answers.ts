import { isDetails, isList } from './calls.ts';
import { editValues, isObject } from './edit_fields.ts';
import type { Quirk } from './quirk.ts';

const MIB = 1_048_576;
const TIMES: readonly (string | undefined)[] = [
  'creation_date',
  'last_modification_date',
  'timestamp',
  'scan_start',
  'scan_end',
  'expiration',
];

/** Habits of how answers are written. */
export const ANSWER_QUIRKS: readonly Quirk[] = [
  {
    name: 'lists-null',
    description: 'Empty lists are null, and so is the number of unread results.',
    source: 'seccubus#631',
    start: () => ({
      edit: (json) =>
        editValues(json, (value, key) =>
          key === 'unread_count' || (Array.isArray(value) && value.length === 0) ? null : value,
        ),
    }),
  },
  {
    name: 'facts-null',
    description: "The scanner's capabilities and its licence's features are null.",
    source: 'plausible',
    start: () => ({
      edit: (json) =>
        editValues(json, (value, key) => (key === 'capabilities' || key === 'features' ? null : value)),
    }),
  },
  {
    name: 'null-objects',
    description: 'Every object inside an answer is null.',
    source: 'bad input',
    value: { is: 'answers', byDefault: Number.POSITIVE_INFINITY },
    start: (_state, answers) => {
      let left = answers;
      const withoutObjects = (json: unknown): unknown =>
        isObject(json)
          ? Object.fromEntries(
              Object.entries(json).map(([key, value]) => [key, isObject(value) ? null : value]),
            )
          : json;
      return { edit: (json) => (left-- > 0 ? withoutObjects(json) : json) };
    },
  },
  {
    name: 'null-answers',
    description: 'The answer is null where an object is expected.',
    source: 'bad input',
    value: { is: 'answers', byDefault: Number.POSITIVE_INFINITY },
    start: (_state, answers) => {
      let left = answers;
      return { edit: (json) => (isObject(json) && left-- > 0 ? null : json) };
    },
  },
  {
    name: 'text-numbers',
    description: 'Numbers are written as text.',
    source: 'n8n-nodes-nessus',
    start: () => ({
      edit: (json) => editValues(json, (value) => (typeof value === 'number' ? String(value) : value)),
    }),
  },
  {
    name: 'milliseconds',
    description: 'Times are in milliseconds.',
    source: 'bad input',
    start: () => ({
      edit: (json) =>
        editValues(json, (value, key) =>
          typeof value === 'number' && TIMES.includes(key) ? value * 1000 : value,
        ),
    }),
  },
  {
    name: 'many-scans',
    description: 'The list has many old scans of others.',
    source: 'bad input',
    value: { is: 'scans', byDefault: 100_000 },
    start: (_state, count) => {
      const others = Array.from({ length: count }, (_, i) => ({
        id: 10_000_000 + i,
        name: `Old scan ${i}`,
        status: 'completed',
        creation_date: 1_500_000_000 + i,
        last_modification_date: 1_500_000_000 + i,
      }));
      return {
        edit: (json, call) =>
          isList(call) && isObject(json)
            ? { ...json, scans: [...others, ...(Array.isArray(json.scans) ? json.scans : [])] }
            : json,
      };
    },
  },
  {
    name: 'details-long',
    description: 'GET /scans/{id} is longer than any client reads.',
    source: 'VulnWhisperer#63, #140',
    value: { is: 'MiB', byDefault: 65 },
    start: (_state, mebibytes) => ({
      after: (call, json) =>
        isDetails(call)
          ? { status: 200, headers: { 'content-type': 'application/json' }, body: padded(json, mebibytes) }
          : undefined,
    }),
  },
];

/** A JSON object with blanks before its end. */
function padded(json: unknown, mebibytes: number): ReadableStream<Uint8Array> {
  const blanks = new Uint8Array(MIB).fill(0x20);
  let left = mebibytes;
  return new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(JSON.stringify(json).slice(0, -1)));
    },
    pull(controller) {
      if (left-- > 0) return controller.enqueue(blanks);
      controller.enqueue(new TextEncoder().encode('}'));
      controller.close();
    },
  });
}
