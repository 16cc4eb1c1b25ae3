import { readSettings } from '@nmcp/settings';
import { expect, test } from 'vitest';
import { configuredPools } from './configured_scanners.ts';

const SCANNER = {
  NESSUS_URL: 'https://127.0.0.1:8834',
  NESSUS_ACCESS_KEY: 'a',
  NESSUS_SECRET_KEY: 's',
};
const DIGITS = Array.from({ length: 32 }, () => 'AB').join(':');

function pools(environment: Record<string, string>): ReturnType<typeof configuredPools> {
  return configuredPools(readSettings({}, { dataDir: 'd' }), environment);
}

test.each([
  [{ ...SCANNER, NESSUS_FINGERPRINT: 'AA:BB' }, /^NESSUS_FINGERPRINT: expected a SHA-256 fingerprint/],
  [{ ...SCANNER, NESSUS_URL: 'nessus' }, /^NESSUS_URL: is not a URL such as https:/],
  [{ ...SCANNER, NESSUS_SECRET_KEY: '' }, /^NESSUS_SECRET_KEY is not set$/],
  [{ NESSUS_URL: 'https://127.0.0.1:8834' }, /^NESSUS_USERNAME is not set.*NESSUS_ACCESS_KEY/],
  [{ ...SCANNER, NESSUS_INSECURE: 'maybe' }, /^NESSUS_INSECURE: expected true or false$/],
  [
    { ...SCANNER, NESSUS_CA_FILE: '/ca.pem', NESSUS_FINGERPRINT: DIGITS },
    /^NESSUS_CA_FILE, NESSUS_FINGERPRINT and NESSUS_INSECURE: give only one/,
  ],
])('an error of the environment %# names the variable', async (environment, message) => {
  await expect(pools(environment)).rejects.toThrow(message);
});

test.each([
  DIGITS,
  DIGITS.replaceAll(':', ''),
  `sha256 Fingerprint=${DIGITS}`,
  `SHA256 Fingerprint=${DIGITS}`,
])('takes the fingerprint %s, as it is copied', async (fingerprint) => {
  const [scanners = []] = [...(await pools({ ...SCANNER, NESSUS_FINGERPRINT: fingerprint })).values()];
  expect(scanners[0]?.tls.fingerprint).toBe(fingerprint);
});
