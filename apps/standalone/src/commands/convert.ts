import { setFlagsFromString } from 'node:v8';
import { command, writeToFile, writeToStream } from '@nmcp/runtime/cli';
import {
  type FindingsQuery,
  type FindingsSource,
  FORMATS,
  mergedDocuments,
  singleDocument,
} from '@nmcp/schema';
import { type Filters, NmcpError, SCHEMA_PROFILES } from '@nmcp/types';
import type { CommandDef } from 'citty';
import { contentOf, FORMAT_NAMES, type Wanted } from '../convert/content.ts';
import { type Inputs, openInputs } from '../convert/inputs.ts';
import { withProgress } from '../convert/progress.ts';

/** Formats that hold to fields, profile and order. */
const WITH_COLUMNS = [
  'jsonl',
  ...Object.entries(FORMATS).flatMap(([name, { hasColumns }]) => (hasColumns ? [name] : [])),
];
/** Profile of files: people read them. Tools keep v3.0's. */
const PROFILE = 'findings';

/** Bytes of input with which a conversion is over before code that V8 optimizes for it has paid; the end would wait for that. */
const SOON_OVER = 2_000_000;

/** Converts .nessus files. */
export const convert: CommandDef = command({
  meta: {
    name: 'convert',
    description: `Convert .nessus files, folders, .gz and .zip: JSON lines, ${Object.values(FORMATS)
      .map(({ title }) => title)
      .join(', ')}`,
    examples: [
      'convert scan.nessus --to csv -o findings.csv',
      'convert a.nessus b.nessus.gz archive.zip folder --to xlsx -o all.xlsx --merge latest',
      'convert scan.nessus --fields host,port,plugin_name --filter \'{"severity": ">=high"}\' --sort=-severity,host',
      'convert scan.nessus --profile compliance --filter \'{"cm:compliance-result": "FAILED"}\'',
      'convert scan.nessus --to ckl --split-by host -o checklists',
    ],
  },
  args: {
    file: {
      type: 'positional',
      required: true,
      description:
        '.nessus files, folders of them, .nessus.gz, .zip, or - for standard input; several are read as one document',
      valueHint: 'FILE...',
    },
    to: {
      type: 'string',
      description: `Format: ${FORMAT_NAMES.join(', ')} (default jsonl)`,
      valueHint: 'FORMAT',
    },
    output: {
      type: 'string',
      alias: 'o',
      description: 'File to write, atomically (standard output); with --split-by a folder',
      valueHint: 'FILE',
    },
    merge: {
      type: 'string',
      description:
        'Several files: union (default): what any of them has, doubles once; latest: of each host its last scan only',
      valueHint: 'union|latest',
    },
    'split-by': {
      type: 'string',
      description: 'A file for each host or each input file',
      valueHint: 'host|file',
    },
    hosts: {
      type: 'boolean',
      description: 'Hosts with their facts: lines in jsonl, columns in csv and xlsx',
    },
    filter: {
      type: 'string',
      description: 'Filters as JSON, such as \'{"severity": ">=3"}\'',
      valueHint: 'JSON',
    },
    profile: {
      type: 'string',
      description: `${WITH_COLUMNS.join(', ')}: fields: ${SCHEMA_PROFILES.join(', ')} (default findings in jsonl; in the others Nessus's own columns)`,
    },
    fields: {
      type: 'string',
      description: `${WITH_COLUMNS.join(', ')}: fields by name, comma-separated, instead of a profile`,
      valueHint: 'a,b',
    },
    sort: {
      type: 'string',
      description: `${WITH_COLUMNS.join(', ')}: fields to sort by, comma-separated, - in front for descending: --sort=-severity,host`,
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
    const wanted = await wantedOf(args);
    const merge = oneOf('--merge', args.merge, ['union', 'latest'] as const);
    const splitBy = oneOf('--split-by', args['split-by'], ['host', 'file'] as const);
    if (splitBy && args.output === undefined)
      throw new NmcpError(
        'invalid_input',
        '--split-by writes files, so it needs a folder for them: -o FOLDER',
      );
    await withProgress({ isShown: args.output !== undefined }, async ({ count, total }) => {
      await using inputs = await openInputs(args._, count);
      for (const note of inputs.notes) console.error(`nmcp: ${note}`);
      if (inputs.size < SOON_OVER && args._.every((path) => path.endsWith('.nessus')))
        setFlagsFromString('--no-opt');
      total(wanted.format === 'jsonl' || inputs.documents.length > 1 ? 2 * inputs.size : inputs.size);
      await write(inputs, wanted, { merge, splitBy, output: args.output });
    });
  },
});

interface Writing {
  merge: 'union' | 'latest' | undefined;
  splitBy: 'host' | 'file' | undefined;
  output: string | undefined;
}

async function write(
  { documents }: Inputs,
  wanted: Wanted,
  { merge, splitBy, output }: Writing,
): Promise<void> {
  if (splitBy === 'file' && output !== undefined) {
    const { splitByFile } = await import('../convert/split.ts');
    console.error(`nmcp: ${await splitByFile(documents, output, wanted)} files written to ${output}`);
    return;
  }
  const [only] = documents;
  const merged =
    documents.length > 1 || merge !== undefined ? mergedDocuments(documents, { merge }) : undefined;
  const source: FindingsSource = merged ?? singleDocument(() => only?.open() ?? []);
  if (splitBy === 'host' && output !== undefined) {
    const { splitByHost } = await import('../convert/split.ts');
    console.error(`nmcp: ${await splitByHost(source, output, wanted)} files written to ${output}`);
  } else if (output === undefined) await writeToStream(process.stdout, contentOf(source, wanted));
  else await writeToFile(output, contentOf(source, wanted));
  if (merged && documents.length > 1) sayWhatWasMerged(merged.counts());
}

function sayWhatWasMerged(counts: readonly { name: string; findings: number; doubles: number }[]): void {
  for (const { name, findings, doubles } of counts)
    console.error(
      `nmcp: ${name}: ${findings} findings${doubles > 0 ? `, ${doubles} of them in files before it, too` : ''}`,
    );
}

/** Options that say which findings and fields are wanted. */
interface QueryArgs {
  to?: string | undefined;
  filter?: string | undefined;
  profile?: string | undefined;
  fields?: string | undefined;
  sort?: string | undefined;
  page?: string | undefined;
  'page-size'?: string | undefined;
  hosts?: boolean | undefined;
}

async function wantedOf(args: QueryArgs): Promise<Wanted> {
  const format = args.to ?? 'jsonl';
  if (!FORMAT_NAMES.includes(format))
    throw new NmcpError('invalid_input', `--to ${format}: expected one of ${FORMAT_NAMES.join(', ')}`);
  refuse(format, args, ['page', 'page-size'], ['jsonl']);
  refuse(format, args, ['profile', 'fields', 'sort'], WITH_COLUMNS);
  const pageSize = wholeNumber('--page-size', args['page-size']);
  const list = (text: string | undefined): string[] | undefined =>
    text?.split(',').map((field) => field.trim());
  const customFields = list(args.fields);
  const query: FindingsQuery = {
    // fields take the place of a profile, and both together are refused
    profile: args.profile ?? (customFields === undefined ? PROFILE : undefined),
    customFields,
    filters: args.filter === undefined ? {} : await filtersIn(args.filter),
    sort: list(args.sort),
    hosts: args.hosts,
    page: wholeNumber('--page', args.page) ?? (pageSize === undefined ? 0 : 1),
    pageSize,
  };
  return { format, query, choosesFields: args.profile !== undefined || args.fields !== undefined };
}

function refuse(
  format: string,
  args: QueryArgs,
  options: readonly (keyof QueryArgs)[],
  formats: readonly string[],
): void {
  const odd = formats.includes(format) ? undefined : options.find((option) => args[option] !== undefined);
  if (odd !== undefined)
    throw new NmcpError('invalid_input', `--${odd} works only with --to ${formats.join(', ')}`);
}

function oneOf<T extends string>(
  option: string,
  text: string | undefined,
  words: readonly T[],
): T | undefined {
  const word = words.find((each) => each === text);
  if (text !== undefined && word === undefined)
    throw new NmcpError(
      'invalid_input',
      `${option} ${text.slice(0, 40)}: expected one of ${words.join(', ')}`,
    );
  return word;
}

/** Loaded where there are filters: what checks them takes longer to load than a small file takes to convert. */
async function filtersIn(text: string): Promise<Filters> {
  const { parseFilters } = await import('../convert/parse_filters.ts');
  return parseFilters(text, '--filter');
}

function wholeNumber(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,9}$/.test(text))
    throw new NmcpError('invalid_input', `${option} ${text}: expected a whole number`);
  return Number(text);
}
