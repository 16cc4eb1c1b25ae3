import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { SimulatedScan } from '../scan.ts';
import type { Effect } from './effects.ts';
import type { ExportFile } from './exports.ts';

/** What outlives the process, where it is kept; targets are read from their text again. */
export interface SavedState {
  nextId: number;
  created: number;
  launched: number;
  scans: Omit<SimulatedScan, 'targets'>[];
  exports: [string, ExportFile][];
  /** Absent in what was written before there were effects. */
  effects?: readonly Effect[];
}

/** Reads what {@linkcode writeState} wrote. */
export function readState(path: string): SavedState {
  return JSON.parse(readFileSync(path, 'utf8')); // of our own writing
}

/** Writes it whole: whoever reads sees the state before or after. */
export function writeState(path: string, state: SavedState): void {
  writeFileSync(`${path}.part`, JSON.stringify(state));
  renameSync(`${path}.part`, path);
}
