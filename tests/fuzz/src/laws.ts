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

/** Of a document that both take, both read the same; a spoiled one may be taken by one of them only. */
export async function agreesIfBothTake(oracle: Oracle, bytes: Uint8Array): Promise<boolean> {
  const { findings, error } = await read([bytes]);
  const theirs = error ? undefined : oracle(new TextDecoder().decode(bytes));
  if (theirs === undefined) return false;
  deepStrictEqual(
    findings.map((finding) => ({ ...finding })),
    theirs.map(expectedFinding),
  );
  return true;
}
