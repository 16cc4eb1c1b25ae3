/**
 * A Nessus that needs no licence: the same REST API over a seeded, simulated network.
 *
 * @module
 */
export type { Fault } from './fault.ts';
export type { RequestRecord, ScanByHand } from './inspected.ts';
export type { QuirkOverview } from './quirks/quirks.ts';
export { type Simulator, type SimulatorOptions, startSimulator } from './start_simulator.ts';
export type { Effect } from './state/effects.ts';
export type { Licence } from './state/scanner_settings.ts';
export type { ScanOverview } from './state/scans.ts';
