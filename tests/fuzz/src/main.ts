// npm run fuzz -- --minutes N [--seed S]: documents without end, and what fails is kept in the corpus.
// npm run fuzz -- --compare FILE...: real exports, finding by finding and field by field, against @xmldom/xmldom.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { mutation, nessusDocument } from './documents.ts';
import { agreesWith, readsTheSameInPieces } from './laws.ts';
import { saxesOracle, xmldomOracle } from './oracles.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: { type: 'string', default: '1' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    compare: { type: 'boolean', default: false },
  },
});

if (values.compare) await compare(positionals);
else await fuzz(Number(values.minutes), Number(values.seed));

async function compare(files: readonly string[]): Promise<void> {
  for (const file of files) {
    const xml = readFileSync(file, 'utf8');
    const theirs = xmldomOracle(xml);
    if (theirs === undefined) throw new Error(`${file}: @xmldom/xmldom does not take it`);
    await agreesWith(xmldomOracle, xml);
    console.log(`${file}: ${theirs.length} findings, equal field by field to what @xmldom/xmldom reads`);
  }
}

async function fuzz(minutes: number, seed: number): Promise<void> {
  if (!(minutes > 0)) throw new Error('--minutes: expected a number above 0');
  const end = Date.now() + minutes * 60_000;
  let runs = 0;
  const document = fc.tuple(
    nessusDocument,
    fc.array(mutation, { maxLength: 3 }),
    fc.integer({ min: 2, max: 300 }),
  );
  for (let round = 0; Date.now() < end; round++) {
    for (const [xml, mutations, length] of fc.sample(document, { seed: seed + round, numRuns: 50 })) {
      const bytes = mutations.reduce<Uint8Array>(
        (before, mutate) => mutate(before),
        new TextEncoder().encode(xml),
      );
      try {
        await readsTheSameInPieces(bytes, [length]);
        if (mutations.length === 0)
          for (const oracle of [xmldomOracle, saxesOracle]) await agreesWith(oracle, xml);
      } catch (error) {
        const name = `${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}.xml`;
        writeFileSync(new URL(`../corpus/${name}`, import.meta.url), bytes);
        console.error(`seed ${seed + round}: kept as tests/fuzz/corpus/${name}`);
        throw error;
      }
      runs++;
    }
  }
  console.log(`${runs} documents from seed ${seed}: no difference`);
}
