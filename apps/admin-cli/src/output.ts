import { formatTable, type Paint, paintFor } from '@nmcp/runtime/cli';

/** The option of every command that prints data. */
export const JSON_ARG = {
  json: { type: 'boolean', default: false, description: 'Print JSON' },
} as const;

/** The option of every command that cannot be undone. */
export const YES_ARG = {
  yes: { type: 'boolean', alias: 'y', default: false, description: 'Do not ask for confirmation' },
} as const;

/** Prints a value as JSON, or as text. */
export function print({ json }: { json?: boolean | undefined }, value: unknown, inWords: () => string): void {
  console.log(json ? JSON.stringify(value, null, 2) : inWords());
}

const paint = paintFor(process.stdout);

/** Colours of states. */
const STATES: Readonly<Record<string, Parameters<Paint>[0]>> = {
  completed: 'green',
  ok: 'green',
  closed: 'green',
  running: 'cyan',
  queued: 'dim',
  warning: 'yellow',
  'half-open': 'yellow',
  drained: 'yellow',
  timeout: 'yellow',
  failed: 'red',
  open: 'red',
  unreachable: 'red',
};

/** A table as wide as the terminal, with states in colour; or `whenEmpty` when there are no rows. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  whenEmpty: string,
): string {
  if (rows.length === 0) return whenEmpty;
  return formatTable(head, rows, {
    width: process.stdout.columns,
    paint: (_, text) => paintState(text),
  });
}

/** A state in its colour; other text as it is. */
export function paintState(text: string): string {
  const colour = Object.hasOwn(STATES, text) ? STATES[text] : undefined;
  return colour ? paint(colour, text) : text;
}

/** Untrusted text on one line, without control characters that a terminal would obey. */
export function oneLine(text: string): string {
  return text.replaceAll(/\p{C}+/gu, ' ');
}

/** Names and values, one per line. */
export function listing(entries: Readonly<Record<string, unknown>>): string {
  const shown = Object.entries(entries).filter(([, value]) => value !== undefined && value !== null);
  const width = Math.max(...shown.map(([name]) => name.length));
  return shown
    .map(([name, value]) => {
      const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
      return `  ${name.padEnd(width)}  ${paintState(oneLine(text))}`;
    })
    .join('\n');
}
