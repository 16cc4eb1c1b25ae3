import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mutation, nessusDocument } from './documents.ts';
import { agreesIfBothTake, agreesWith, readsTheSameInPieces } from './laws.ts';
import { saxesOracle, xmldomOracle } from './oracles.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const corpus = new URL('../corpus/', import.meta.url);

describe('generated documents', () => {
  test.each([
    ['@xmldom/xmldom', xmldomOracle],
    ['saxes', saxesOracle],
  ])('read as %s reads them', async (_name, oracle) => {
    let taken = 0;
    await fc.assert(
      fc.asyncProperty(nessusDocument, async (xml) => {
        if (oracle(xml) !== undefined) taken++;
        await agreesWith(oracle, xml);
      }),
      { numRuns: 300 },
    );
    expect(taken).toBeGreaterThan(200);
  });

  test('read the same in pieces of any length', async () => {
    await fc.assert(
      fc.asyncProperty(
        nessusDocument,
        fc.array(fc.integer({ min: 2, max: 200 }), { maxLength: 3 }),
        (xml, lengths) => readsTheSameInPieces(bytesOf(xml), lengths),
      ),
      { numRuns: 200 },
    );
  });
});

test('mutated documents give findings and faults that do not depend on how they are cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      nessusDocument,
      fc.array(mutation, { minLength: 1, maxLength: 3 }),
      fc.integer({ min: 2, max: 100 }),
      async (xml, mutations, length) => {
        const bytes = mutations.reduce((before, mutate) => mutate(before), bytesOf(xml));
        await readsTheSameInPieces(bytes, [length]);
      },
    ),
    { numRuns: 500 },
  );
});

test('mutated documents that saxes takes too read as it reads them', async () => {
  let taken = 0;
  await fc.assert(
    fc.asyncProperty(nessusDocument, mutation, async (xml, mutate) => {
      if (await agreesIfBothTake(saxesOracle, mutate(bytesOf(xml)))) taken++;
    }),
    { numRuns: 600 },
  );
  expect(taken).toBeGreaterThan(50);
});

test.each(readdirSync(corpus))('the corpus: %s', async (name) => {
  const bytes = readFileSync(new URL(name, corpus));
  await readsTheSameInPieces(bytes, [2, 7, 64]);
});
