import { createReadStream, createWriteStream } from 'node:fs';
import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { command } from '@nmcp/runtime/cli';
import { queryNessus } from '@nmcp/schema';
import { type Filters, FiltersSchema, NmcpError, parseInput } from '@nmcp/types';
import type { CommandDef } from 'citty';
import { writeLines } from '../write_lines.ts';

const READ_BYTES = 262_144;

/** Converts a .nessus file to JSON-NL. */
export const convert: CommandDef = command({
  meta: { name: 'convert', description: 'Print the findings of a .nessus file as JSON-NL' },
  args: {
    file: {
      type: 'positional',
      required: true,
      description: 'A .nessus file, or - for standard input',
      valueHint: 'FILE.nessus',
    },
    profile: { type: 'string', description: 'Fields: minimal, summary, brief (default) or full' },
    fields: {
      type: 'string',
      description: 'Fields by name, comma-separated, in place of a profile',
      valueHint: 'a,b',
    },
    filter: {
      type: 'string',
      description: 'Filters as JSON, such as \'{"severity": ">=3"}\'',
      valueHint: 'JSON',
    },
    page: {
      type: 'string',
      description: 'A page from 1, or 0 for everything (default; 1 with --page-size)',
      valueHint: 'N',
    },
    'page-size': {
      type: 'string',
      description: 'Findings on a page, 10 to 100 (default 40)',
      valueHint: 'N',
    },
  },
  async run({ args }) {
    const pageSize = wholeNumber('--page-size', args['page-size']);
    const query = {
      profile: args.profile,
      customFields: args.fields?.split(',').map((field) => field.trim()),
      filters: args.filter === undefined ? undefined : parseFilters(args.filter),
      page: wholeNumber('--page', args.page) ?? (pageSize === undefined ? 0 : 1),
      pageSize,
    };
    await using input = args.file === '-' ? await spoolStandardInput() : await existingFile(args.file);
    await writeLines(
      process.stdout,
      queryNessus(() => createReadStream(input.path, { highWaterMark: READ_BYTES }), query),
    );
  },
});

interface InputFile extends AsyncDisposable {
  path: string;
}

async function existingFile(path: string): Promise<InputFile> {
  await access(path).catch((error: unknown) => {
    throw new NmcpError(
      'invalid_input',
      `${path} cannot be read: there is no such file, or it may not be opened`,
      { cause: error },
    );
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
  return parseInput(FiltersSchema, value, '--filter');
}

function wholeNumber(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,9}$/.test(text))
    throw new NmcpError('invalid_input', `${option} ${text}: expected a whole number`);
  return Number(text);
}
