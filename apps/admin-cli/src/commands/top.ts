import { command, paintFor } from '@nmcp/runtime/cli';
import { getOverview, type Overview, type Services } from '@nmcp/scans';
import { NmcpError } from '@nmcp/types';
import type { CommandDef } from 'citty';
import { OPERATOR, STORE, withStore } from '../store.ts';
import { renderOverview } from '../top/render_overview.ts';

const ESCAPE = '\u001b[';
const ENTER = `${ESCAPE}?1049h${ESCAPE}?25l`;
const LEAVE = `${ESCAPE}?25h${ESCAPE}?1049l`;
const CONTROL_C = '\u0003';

const top = command({
  meta: {
    name: 'top',
    description: 'Show pools, scanners, running scans and dead letters live; q quits',
    examples: ['top', 'top --every 5', 'top --once'],
  },
  args: {
    ...STORE,
    every: { type: 'string', default: '1', description: 'Seconds between updates', valueHint: 'N' },
    once: {
      type: 'boolean',
      default: false,
      description: 'Print once and exit; the default without a terminal',
    },
  },
  run: ({ args }) => {
    const everyMs = Number(args.every) * 1000;
    if (!(everyMs >= 100 && everyMs <= 3_600_000))
      throw new NmcpError('invalid_input', `--every ${args.every}: expected seconds, from 0.1 to 3600`);
    return withStore(args, async (services) => {
      if (args.once || !process.stdout.isTTY)
        return console.log(linesOf(await getOverview(services, OPERATOR, {})).join('\n'));
      return await live(services, everyMs);
    });
  },
});

function linesOf(snapshot: Overview): string[] {
  const { columns = Number.POSITIVE_INFINITY, rows = Number.POSITIVE_INFINITY, isTTY } = process.stdout;
  const paint = paintFor(process.stdout);
  return renderOverview(snapshot, { columns, rows: isTTY ? rows : Number.POSITIVE_INFINITY, paint });
}

/** Redraws until it is quit; the terminal is restored afterwards, however it ends. */
async function live(services: Services, everyMs: number): Promise<void> {
  const { stdin, stdout } = process;
  let snapshot = await getOverview(services, OPERATOR, {});
  const show = (): void => {
    const lines = linesOf(snapshot).map((line) => `${line}${ESCAPE}K`);
    stdout.write(`${ESCAPE}H${lines.join('\n')}${ESCAPE}J`);
  };
  let end = (): void => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const onKey = (key: Buffer): void => {
    if (['q', 'Q', CONTROL_C].includes(key.toString())) end();
  };
  let isReading = false;
  const timer = setInterval(() => {
    if (isReading) return;
    isReading = true;
    void getOverview(services, OPERATOR, { before: snapshot }).then((next) => {
      snapshot = next;
      isReading = false;
      show();
    });
  }, everyMs);
  stdout.write(ENTER);
  stdout.on('resize', show);
  process.once('SIGTERM', end);
  process.once('SIGINT', end);
  if (stdin.isTTY) stdin.setRawMode(true).on('data', onKey);
  try {
    show();
    await ended;
  } finally {
    clearInterval(timer);
    stdout.off('resize', show);
    if (stdin.isTTY) stdin.setRawMode(false).off('data', onKey).pause();
    stdout.write(LEAVE);
  }
}

/** Commands that redraw the terminal. */
export const TOP_COMMANDS: Readonly<Record<string, CommandDef>> = { top };
