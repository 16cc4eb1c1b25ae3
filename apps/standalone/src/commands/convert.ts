import { createReadStream, createWriteStream } from 'node:fs';
import { access, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { command, writeToFile, writeToStream } from '@nmcp/runtime/cli';
import {
  compileFilters,
  type FindingsQuery,
  FORMATS,
  filterEvents,
  queryNessusBytes,
  readFindings,
} from '@nmcp/schema';
import { type Filters, filtersSchema, NmcpError, parseInput } from '@nmcp/types';
import type { CommandDef } from 'citty';
import { withProgress } from '../convert/progress.ts';

const READ_BYTES = 262_144;
const NAMES: readonly string[] = ['jsonl', ...Object.keys(FORMATS)];

/** Options that only JSON-NL has. */
const JSONL_OPTIONS = ['profile', 'fields', 'sort', 'page', 'page-size'] as const;

/** Converts a .nessus file. */
export const convert: CommandDef = command({
  meta: {
    name: 'convert',
    description: 'Convert a .nessus file: JSON-NL, CSV, SARIF, OCSF, HTML or Markdown',
  },
  args: {
    file: {
      type: 'positional',
      required: true,
      description: 'A .nessus file, or - for standard input',
      valueHint: 'FILE.nessus',
    },
    to: { type: 'string', description: `Format: ${NAMES.join(', ')} (default jsonl)`, valueHint: 'FORMAT' },
    output: {
      type: 'string',
      alias: 'o',
      description: 'File to write, atomically (standard output)',
      valueHint: 'FILE',
    },
    filter: {
      type: 'string',
      description: 'Filters as JSON, such as \'{"severity": ">=3"}\'',
      valueHint: 'JSON',
    },
    profile: { type: 'string', description: 'jsonl: fields: minimal, summary, brief (default) or full' },
    fields: {
      type: 'string',
      description: 'jsonl: fields by name, comma-separated, instead of a profile',
      valueHint: 'a,b',
    },
    sort: {
      type: 'string',
      description:
        'jsonl: fields to sort by, comma-separated, - in front for descending: --sort=-severity,host',
      valueHint: '-a,b',
    },
    page: {
      type: 'string',
      description: 'jsonl: a page from 1, or 0 for everything (default; 1 with --page-size)',
      valueHint: 'N',
    },
    'page-size': {
      type: 'string',
      description: 'jsonl: findings on a page, 10 to 100 (default 40)',
      valueHint: 'N',
    },
  },
  async run({ args }) {
    const format = args.to ?? 'jsonl';
    if (!NAMES.includes(format))
      throw new NmcpError('invalid_input', `--to ${format}: expected one of ${NAMES.join(', ')}`);
    const odd = JSONL_OPTIONS.find((option) => args[option] !== undefined);
    if (format !== 'jsonl' && odd !== undefined)
      throw new NmcpError('invalid_input', `--${odd} works only with --to jsonl`);
    const filters = args.filter === undefined ? {} : parseFilters(args.filter);
    const query = format === 'jsonl' ? queryOf(args, filters) : undefined;
    await using input = args.file === '-' ? await spoolStandardInput() : await existingFile(args.file);
    const { size } = await stat(input.path);
    await withProgress(
      { bytes: query ? 2 * size : size, isShown: args.output !== undefined },
      async (count) => {
        const open = (): AsyncIterable<Uint8Array> =>
          count(createReadStream(input.path, { highWaterMark: READ_BYTES }));
        const text = query ? queryNessusBytes(open, query) : exported(format, open, filters);
        if (args.output === undefined) await writeToStream(process.stdout, text);
        else await writeToFile(args.output, text);
      },
    );
  },
});

function exported(
  format: string,
  open: () => AsyncIterable<Uint8Array>,
  filters: Filters,
): AsyncGenerator<string | Uint8Array> {
  const { exporter } = FORMATS[format as keyof typeof FORMATS]; // checked by the caller
  const { matches, fields } = compileFilters(filters);
  const events = readFindings(open());
  return exporter(fields.size === 0 ? events : filterEvents(events, matches));
}

function queryOf(
  args: Partial<Record<(typeof JSONL_OPTIONS)[number], string | undefined>>,
  filters: Filters,
): FindingsQuery {
  const pageSize = wholeNumber('--page-size', args['page-size']);
  const list = (text: string | undefined): string[] | undefined =>
    text?.split(',').map((field) => field.trim());
  return {
    profile: args.profile,
    customFields: list(args.fields),
    filters,
    sort: list(args.sort),
    page: wholeNumber('--page', args.page) ?? (pageSize === undefined ? 0 : 1),
    pageSize,
  };
}

interface InputFile extends AsyncDisposable {
  path: string;
}

async function existingFile(path: string): Promise<InputFile> {
  await access(path).catch((error: unknown) => {
    throw new NmcpError('invalid_input', `${path} cannot be read: it does not exist, or access is denied`, {
      cause: error,
    });
  });
  return { path, [Symbol.asyncDispose]: async () => {} };
}

/** A document is read twice, so what can be read only once goes to a file first. */
async function spoolStandardInput(): Promise<InputFile> {
  const folder = await mkdtemp(join(tmpdir(), 'nmcp-convert-'));
  const path = join(folder, 'stdin.nessus');
  await pipeline(process.stdin, createWriteStream(path, { mode: 0o600 }));
  return { path, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

function parseFilters(text: string): Filters {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new NmcpError(
      'invalid_input',
      `--filter is not JSON; expected an object such as {"severity": ">=3"}`,
    );
  }
  return parseInput(filtersSchema('Which findings'), value, '--filter');
}

function wholeNumber(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,9}$/.test(text))
    throw new NmcpError('invalid_input', `${option} ${text}: expected a whole number`);
  return Number(text);
}
