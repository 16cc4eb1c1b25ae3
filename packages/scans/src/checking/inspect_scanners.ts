import { isoTime, messageOf, type ScannerInspection, type ScannerListing } from '@nmcp/types';
import type { Services } from '../services.ts';
import { type CheckResult, failed, ok, warning } from './check_result.ts';

/** The result of testing a scanner. */
export interface ScannerTest {
  /** `pool:instance` */
  scanner: string;
  pool: string;
  url: string;
  state: 'ok' | 'warning' | 'unreachable' | 'disabled';
  ms: number | null;
  inspection: ScannerInspection | null;
  problem: string | null;
}

/** Milliseconds that a scanner may take to answer a test. */
const PATIENCE_MS = 15_000;

/** Tests scanners concurrently: whether each answers, its certificate is trusted, it lets us in, and may scan. It only reads. */
export async function inspectScanners(
  { registry }: Pick<Services, 'registry'>,
  scanners: readonly ScannerListing[],
): Promise<ScannerTest[]> {
  return await Promise.all(
    scanners.map(async ({ pool, instance_id, instance_key, url, enabled }) => {
      const about = { scanner: instance_key, pool, url, ms: null, inspection: null };
      if (!enabled) return { ...about, state: 'disabled' as const, problem: null };
      const begun = performance.now();
      try {
        const signal = AbortSignal.timeout(PATIENCE_MS);
        const inspection = await registry.ask(
          registry.requirePool(pool),
          instance_id,
          (scanner) => scanner.inspect({ signal }),
          { despiteCircuit: true },
        );
        const problem = problemOf(inspection);
        const ms = Math.round(performance.now() - begun);
        return { ...about, ms, inspection, state: problem ? ('warning' as const) : ('ok' as const), problem };
      } catch (error) {
        return { ...about, state: 'unreachable' as const, problem: messageOf(error) };
      }
    }),
  );
}

/** What the test of a scanner says to whoever looks after it. */
export function judgeScanner({
  scanner,
  pool,
  url,
  state,
  ms,
  inspection,
  problem,
}: ScannerTest): CheckResult {
  const check = `scanner ${scanner}`;
  if (state === 'disabled') return { ...ok(check, 'disabled'), pool };
  if (state === 'unreachable') return { ...failed(check, `${url}: ${problem}`, adviceOn(problem)), pool };
  const { product = '', version = '', licence = '', plugins = '' } = inspection ?? {};
  const named = [product, version, licence === product ? '' : licence].filter(Boolean).join(' ');
  const detail = `${named}${plugins === '' ? '' : `, plugins ${plugins}`}, ${ms} ms`;
  return state === 'warning'
    ? { ...warning(check, `${detail}; ${problem}`, 'Check what the licence allows'), pool }
    : { ...ok(check, detail), pool };
}

/** What to do about a scanner that does not answer as it should. */
export function adviceOn(problem: string | null): string {
  const text = problem ?? '';
  if (/CA file/.test(text) && !/not trusted|another name/.test(text))
    return 'Correct tls.ca_file in scanners.yaml, or NESSUS_CA_FILE';
  if (/certificate/i.test(text))
    return 'Give tls.fingerprint or tls.ca_file in scanners.yaml, or NESSUS_FINGERPRINT or NESSUS_CA_FILE; docs/recipes.md says how to get the fingerprint';
  if (/refused the credentials|may not do this/.test(text))
    return 'Correct the keys or the user in scanners.yaml, or NESSUS_ACCESS_KEY and NESSUS_SECRET_KEY';
  return 'Check url, login and tls in scanners.yaml, or NESSUS_URL and what goes with it, and that the scanner runs; nmcp-admin scanners test says more';
}

const WARN_BEFORE_MS = 14 * 86_400_000;

function problemOf({ problems, expiresAt }: ScannerInspection): string | null {
  if (problems.length > 0) return problems.join('; ');
  if (expiresAt !== undefined && expiresAt < Date.now())
    return `its licence expired at ${isoTime(expiresAt)}`;
  if (expiresAt !== undefined && expiresAt < Date.now() + WARN_BEFORE_MS)
    return `its licence expires at ${isoTime(expiresAt)}`;
  return null;
}
