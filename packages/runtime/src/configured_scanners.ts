import { type ParseScannersOptions, type PoolConfigs, parseScanners, readScanners } from '@nmcp/registry';
import type { Settings } from '@nmcp/settings';

/** Environment variables. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The scanners that the settings name: those of scanners.yaml, else the one of NESSUS_URL, else none. @throws {NmcpError} `invalid_config` */
export async function configuredPools(
  settings: Settings,
  environment: Environment,
  onFault?: ParseScannersOptions['onFault'],
): Promise<PoolConfigs> {
  if (settings.scannerConfig !== undefined)
    return await readScanners(settings.scannerConfig, environment, onFault);
  if (!environment.NESSUS_URL) return new Map();
  return parseScanners(scannerOfEnvironment(environment), { environment, file: 'Environment' });
}

/** scanners.yaml for one scanner that the environment describes alone. */
function scannerOfEnvironment(environment: Environment): string {
  const login = environment.NESSUS_ACCESS_KEY
    ? ['access_key: ${NESSUS_ACCESS_KEY}', 'secret_key: ${NESSUS_SECRET_KEY}']
    : ['username: ${NESSUS_USERNAME}', 'password: ${NESSUS_PASSWORD}'];
  const tls = [
    ...(environment.NESSUS_CA_FILE ? ['ca_file: ${NESSUS_CA_FILE}'] : []),
    ...(environment.NESSUS_FINGERPRINT ? ['fingerprint: ${NESSUS_FINGERPRINT}'] : []),
    ...(environment.NESSUS_INSECURE ? ['insecure: ${NESSUS_INSECURE}'] : []),
  ];
  const fields = ['instance_id: scanner1', 'name: ${NESSUS_URL}', 'url: ${NESSUS_URL}', ...login];
  const lines = [...fields, ...(tls.length > 0 ? ['tls:', ...tls.map((line) => `  ${line}`)] : [])];
  return `nessus:\n  - ${lines.join('\n    ')}\n`;
}
