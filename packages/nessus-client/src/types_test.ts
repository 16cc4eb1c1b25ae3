import { expectTypeOf, test } from 'vitest';
import {
  type Agent,
  attachScan,
  createScan,
  exportScan,
  getScan,
  iterateAgents,
  iterateFindings,
  listScans,
  type NessusClient,
  type NewScan,
  runScan,
  type ScanDetails,
  type ScanHandle,
  type ScanListEntry,
  type ScanPhase,
  type ScanUpdate,
  scanPhase,
  watchScan,
} from './mod.ts';

test('the public surface has the types that it promises', () => {
  expectTypeOf(listScans).returns.resolves.toEqualTypeOf<ScanListEntry[]>();
  expectTypeOf(getScan).returns.resolves.toEqualTypeOf<ScanDetails>();
  expectTypeOf(createScan).parameter(1).toEqualTypeOf<NewScan>();
  expectTypeOf(createScan).returns.resolves.toBeNumber();
  expectTypeOf(exportScan).returns.resolves.toEqualTypeOf<ReadableStream<Uint8Array<ArrayBuffer>>>();
  expectTypeOf(runScan).returns.resolves.toEqualTypeOf<ScanHandle>();
  expectTypeOf(attachScan).parameters.toEqualTypeOf<[NessusClient, number]>();
  expectTypeOf(watchScan).returns.toExtend<AsyncIterable<ScanUpdate>>();
  expectTypeOf(iterateAgents).returns.toExtend<AsyncIterable<Agent>>();
  expectTypeOf(iterateFindings).returns.toExtend<AsyncIterable<{ plugin_id: number; severity: number }>>();
  expectTypeOf(scanPhase).returns.toEqualTypeOf<ScanPhase>();
  expectTypeOf<{ uuid: string; settings: { name: string } }>().not.toExtend<NewScan>();
});
