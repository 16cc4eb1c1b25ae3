import { createNessusScanner } from '@nmcp/registry';

/** What the product does with a scanner, tried against one that is played back. */
export const RECORDED_CASES = [
  {
    name: 'whether it can start scans is known before one is queued',
    async run(scanner, { bodyOf }) {
      const { startsScans, isLoading } = await scanner.readiness();
      const said = bodyOf('/server/properties')?.license?.features?.scan_api;
      expectEqual(startsScans, typeof said === 'boolean' ? said : undefined, 'whether it starts scans');
      expectEqual(typeof isLoading, 'boolean', 'type of whether it loads');
    },
  },
  {
    name: 'it is inspected, and said in words what works',
    async run(scanner, { product }) {
      const { works, problems, version } = await scanner.inspect();
      if (works.length + problems.length === 0) throw new Error('nothing is said');
      if (version !== '' && !product.includes(version))
        throw new Error(`${version} is not the version of ${product}`);
    },
  },
  {
    name: 'its scans are listed, and each word is understood',
    async run(scanner, { scans }) {
      const listed = await scanner.listScans();
      expectEqual(listed.length, scans.length, 'number of scans');
      for (const { scanId } of listed) {
        const { phase, isKnown, word } = await scanner.status(scanId);
        if (!isKnown) throw new Error(`the state ${word} is not known`);
        if (!['queued', 'running', 'paused', 'completed', 'failed'].includes(phase)) throw new Error(phase);
      }
    },
  },
  {
    name: 'the results of a scan that has ended are fetched',
    async run(scanner, { exported, bodyOf }) {
      if (exported === undefined) return;
      const details = bodyOf(`/scans/${exported}`);
      if (details) expectEqual((await scanner.describeScan(exported)).name, details.info.name ?? '', 'name');
      const reader = (await scanner.exportResults(exported, { maxWaitMs: 10_000 })).getReader();
      const { value } = await reader.read();
      await reader.cancel();
      if (!new TextDecoder().decode(value).includes('<NessusClientData_v2'))
        throw new Error('it is no document');
    },
  },
];

/** Runs the cases against a report that is played back at a URL. */
export async function runRecordedCases(report, url, missing) {
  const facts = factsOf(report);
  const results = [];
  for (const { name, run } of RECORDED_CASES) {
    missing.clear();
    const scanner = createNessusScanner(
      { url, auth: { accessKey: 'replayed', secretKey: 'replayed' }, tls: {} },
      { timeoutMs: 5000 },
    );
    const problem = await run(scanner, facts).then(
      () => undefined,
      (error) => error.message,
    );
    await scanner.close();
    // what was never asked of the scanner tells nothing of it
    const outcome = problem === undefined ? 'holds' : missing.size > 0 ? 'not recorded' : 'FAILED';
    results.push({ name, outcome, problem, missing: [...missing] });
  }
  return results;
}

function factsOf({ product, calls }) {
  const bodyOf = (path) => calls.find((call) => call.path === path && call.status === 200)?.body;
  const scans = bodyOf('/scans')?.scans ?? [];
  const asked = calls.find(({ method, path }) => method === 'POST' && path.endsWith('/export'));
  const exported = asked && Number(/\/scans\/(\d+)\//.exec(asked.path)?.[1]);
  return { product, bodyOf, scans, exported };
}

function expectEqual(found, wanted, what) {
  if (found !== wanted) throw new Error(`${what}: expected ${wanted}, found ${found}`);
}
