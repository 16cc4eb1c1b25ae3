import { deepStrictEqual } from 'node:assert';
import { expectedFinding, type Oracle } from './oracles.ts';
import { inPieces, read } from './read.ts';

/** A whole document reads as another parser reads it. */
export async function agreesWith(oracle: Oracle, xml: string): Promise<void> {
  const theirs = oracle(xml);
  if (theirs === undefined) return; // it does not take the document
  const { findings, error } = await read([new TextEncoder().encode(xml)]);
  deepStrictEqual(error, undefined);
  deepStrictEqual(
    findings.map((finding) => ({ ...finding })),
    theirs.map(expectedFinding),
  );
}

/** A document reads the same whole, in pieces of any length, and byte by byte, which never takes the short way; faults too. */
export async function readsTheSameInPieces(bytes: Uint8Array, lengths: readonly number[]): Promise<void> {
  const whole = await read([bytes]);
  for (const length of [1, ...lengths]) deepStrictEqual(await read(inPieces(bytes, length)), whole);
}
