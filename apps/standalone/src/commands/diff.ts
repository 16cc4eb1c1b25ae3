import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { compareScans, createResultsReader } from '@nmcp/results';
import { command, writeToFile, writeToStream } from '@nmcp/runtime/cli';
import { type NamedDocument, TABLE_FORMATS, writeTables } from '@nmcp/schema';
import { NmcpError } from '@nmcp/types';
import type { CommandDef } from 'citty';
import { openInputs } from '../convert/inputs.ts';
import { comparisonReport } from '../diff/comparison_report.ts';

/** Compares two exports. */
export const diff: CommandDef = command({
  meta: {
    name: 'diff',
    description:
      'Compare two .nessus files: what is new, fixed, changed, and what the later scan did not look at',
    examples: ['diff monday.nessus friday.nessus', 'diff old.nessus new.nessus.gz --to xlsx -o changes.xlsx'],
  },
  args: {
    old: { type: 'positional', required: true, description: 'The earlier export', valueHint: 'OLD' },
    new: { type: 'positional', required: true, description: 'The later one', valueHint: 'NEW' },
    to: {
      type: 'string',
      description: `Format: ${TABLE_FORMATS.join(', ')} (default md)`,
      valueHint: 'FORMAT',
    },
    output: {
      type: 'string',
      alias: 'o',
      description: 'File to write, atomically (standard output)',
      valueHint: 'FILE',
    },
    severity: {
      type: 'string',
      description: 'Only findings of this severity in either, such as ">=high"',
      valueHint: 'CONDITION',
    },
  },
  async run({ args }) {
    const format = TABLE_FORMATS.find((each) => each === (args.to ?? 'md'));
    if (!format)
      throw new NmcpError('invalid_input', `--to ${args.to}: expected one of ${TABLE_FORMATS.join(', ')}`);
    if (args._.length !== 2)
      throw new NmcpError(
        'invalid_input',
        `Two files are compared, the earlier and the later one; ${args._.length} were given`,
      );
    const folder = await mkdtemp(join(tmpdir(), 'nmcp-diff-'));
    try {
      await using inputs = await openInputs([args.old]);
      await using later = await openInputs([args.new]);
      using reader = createResultsReader();
      const comparison = compareScans(
        await reader.open(await stored(inputs.documents, join(folder, 'old'), args.old)),
        await reader.open(await stored(later.documents, join(folder, 'new'), args.new)),
        { top: Number.MAX_SAFE_INTEGER, severity: args.severity },
      );
      const text = writeTables(format, comparisonReport(comparison));
      if (args.output === undefined) await writeToStream(process.stdout, text);
      else await writeToFile(args.output, text);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
});

/** Writes a document where an index can stand beside it. */
async function stored(documents: readonly NamedDocument[], folder: string, path: string): Promise<string> {
  const [document] = documents;
  if (documents.length !== 1 || !document)
    throw new NmcpError(
      'invalid_input',
      `${path} holds ${documents.length} exports; one is compared with one`,
    );
  await mkdir(folder, { mode: 0o700 });
  const file = join(folder, 'scan_native.nessus');
  const source = await document.open();
  await pipeline(source as AsyncIterable<Uint8Array>, createWriteStream(file, { mode: 0o600 })); // Node's streams take all kinds
  return file;
}
