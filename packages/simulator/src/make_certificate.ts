import { X509Certificate } from 'node:crypto';
import { generate } from 'selfsigned';

/** A certificate with its key. */
export interface Certificate {
  /** PEM. */
  key: string;
  /** PEM. */
  certificate: string;
  /** SHA-256. */
  fingerprint: string;
}

/** Makes a certificate of the scanner's own, as an installation does. @param hasSan whether it has a subjectAltName */
export async function makeCertificate(host: string, hasSan: boolean): Promise<Certificate> {
  const altName = {
    name: 'subjectAltName' as const,
    altNames: [
      { type: 2 as const, value: 'localhost' },
      /^[\d.]+$|:/.test(host) ? { type: 7 as const, ip: host } : { type: 2 as const, value: host },
    ],
  };
  // where the library is given no extensions it adds a subjectAltName itself
  const made = await generate([{ name: 'commonName', value: hasSan ? 'nmcp-simulator' : host }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: hasSan ? [altName] : [{ name: 'basicConstraints', cA: true }],
  });
  return {
    key: made.private,
    certificate: made.cert,
    fingerprint: new X509Certificate(made.cert).fingerprint256,
  };
}
