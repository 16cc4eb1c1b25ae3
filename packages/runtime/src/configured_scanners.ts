import { type ParseScannersOptions, type PoolConfigs, parseScanners, readScanners } from '@nmcp/registry';
import type { Settings } from '@nmcp/settings';
import { isNmcpError, NmcpError } from '@nmcp/types';

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
  try {
    return parseScanners(scannerOfEnvironment(environment), { environment, file: ENVIRONMENT });
  } catch (error) {
    throw isNmcpError(error) ? new NmcpError(error.code, inVariables(error.message)) : error;
  }
}

const ENVIRONMENT = 'Environment';

/** The variables that fill the fields of that scanner. */
const VARIABLES: Readonly<Record<string, string>> = {
  url: 'NESSUS_URL',
  access_key: 'NESSUS_ACCESS_KEY',
  secret_key: 'NESSUS_SECRET_KEY',
  username: 'NESSUS_USERNAME',
  password: 'NESSUS_PASSWORD',
  'tls.ca_file': 'NESSUS_CA_FILE',
  'tls.fingerprint': 'NESSUS_FINGERPRINT',
  'tls.insecure': 'NESSUS_INSECURE',
};

/** Nobody has written the file of which the message speaks, so it names the variable. */
function inVariables(message: string): string {
  const [, unset] = /the environment variable (\w+) is not set/.exec(message) ?? [];
  if (unset === 'NESSUS_USERNAME')
    return 'NESSUS_USERNAME is not set; expected NESSUS_ACCESS_KEY and NESSUS_SECRET_KEY, or NESSUS_USERNAME and NESSUS_PASSWORD';
  if (unset !== undefined) return `${unset} is not set`;
  const [, path = '', why = ''] = /^Environment:\d+: (?:nessus\.0\.?([\w.]*): )?(.*)$/s.exec(message) ?? [];
  if (why === '') return message;
  if (path === 'tls') return `NESSUS_CA_FILE, NESSUS_FINGERPRINT and NESSUS_INSECURE: give only one of them`;
  return Object.hasOwn(VARIABLES, path) ? `${VARIABLES[path]}: ${why}` : `NESSUS_URL: ${why}`;
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
