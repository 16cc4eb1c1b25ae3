/**
 * For Node: a fetch that trusts a scanner's own certificate. Give it to `createNessusClient`.
 *
 * @module
 */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { checkServerIdentity, type TLSSocket } from 'node:tls';
import { messageOf, NmcpError } from '@nmcp/types';
import { Agent, buildConnector, fetch as undiciFetch } from 'undici';

/** How a scanner's certificate is trusted; at most one of these. */
export interface ScannerTrust {
  /** Path of a PEM file with the CA, or with the self-signed certificate itself. */
  caFile?: string | undefined;
  /** SHA-256 of the certificate: in hexadecimal, with or without colons, or the line that `openssl x509 -fingerprint` prints. */
  fingerprint?: string | undefined;
  /** Trust any certificate: whoever is in the way can read the credentials. A warning is printed. */
  insecure?: boolean | undefined;
}

/** A fetch with its own connections. */
export interface ClosableFetch {
  fetch: typeof globalThis.fetch;
  close(): Promise<void>;
}

/** To one scanner at a time: hundreds of looks shall not become hundreds of TLS handshakes. */
const MAX_CONNECTIONS = 32;

/**
 * A fetch that trusts a scanner's certificate as it is told. Without a word it trusts what the system trusts.
 *
 * @throws {NmcpError} `invalid_config` when the CA file cannot be read, or more than one way is named.
 *
 * @example
 * ```ts
 * import { createNessusClient, getServerStatus } from '@nmcp/nessus-client';
 * import { createTrustingFetch } from '@nmcp/nessus-client/node';
 * import { startSimulator } from '@nmcp/simulator';
 *
 * await using scanner = await startSimulator();
 * const { fetch, close } = createTrustingFetch({ fingerprint: scanner.fingerprint });
 * const { url, accessKey, secretKey } = scanner;
 * const client = createNessusClient({ url, auth: { accessKey, secretKey }, fetch });
 * console.assert((await getServerStatus(client)).status === 'ready');
 * await close();
 * ```
 */
export function createTrustingFetch(trust: ScannerTrust): ClosableFetch {
  const agent = new Agent({ connect: connector(trust), allowH2: false, connections: MAX_CONNECTIONS });
  return {
    // undici's own fetch goes with its own Agent; its types are those of the web
    fetch: ((input: string, init?: object) =>
      undiciFetch(input, { ...init, dispatcher: agent })) as unknown as typeof globalThis.fetch,
    close: () => agent.close(),
  };
}

function connector({ caFile, fingerprint, insecure }: ScannerTrust): buildConnector.connector {
  if ([caFile, fingerprint, insecure || undefined].filter((way) => way !== undefined).length > 1)
    throw new NmcpError('invalid_config', 'Expected only one of caFile, fingerprint and insecure');
  if (fingerprint !== undefined) return pinned(fingerprint);
  if (caFile !== undefined) return trusting(readCa(caFile));
  if (insecure !== true) return buildConnector({});
  process.emitWarning(
    'The certificate of a scanner is not checked: whoever is in the way can read the credentials',
    {
      type: 'InsecureScanner',
    },
  );
  return buildConnector({ rejectUnauthorized: false });
}

/**
 * Accepts certificates of these authorities. One that stands in the file itself is trusted whatever it names: a scanner's own
 * certificate often names nothing, or another address.
 */
function trusting(ca: string): buildConnector.connector {
  const own = fingerprintsOf(ca);
  return buildConnector({
    ca,
    checkServerIdentity: (host, certificate) =>
      own.has(certificate.fingerprint256) ? undefined : checkServerIdentity(host, certificate),
  });
}

function fingerprintsOf(ca: string): ReadonlySet<string> {
  const certificates = ca.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  try {
    return new Set(certificates.map((pem) => new X509Certificate(pem).fingerprint256));
  } catch (error) {
    throw new NmcpError('invalid_config', `The CA file holds a damaged certificate: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function readCa(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new NmcpError('invalid_config', `The CA file cannot be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/** The digits of a fingerprint, as people copy it; `undefined` where it is none. */
function readFingerprint(text: string): string | undefined {
  const digits = text.replace(/^sha-?256 fingerprint\s*=/i, '').replaceAll(/[:\s]/g, '');
  return /^[0-9a-f]{64}$/i.test(digits) ? digits.toUpperCase() : undefined;
}

/** Accepts only the certificate of a fingerprint, checked before anything is sent. */
function pinned(fingerprint: string): buildConnector.connector {
  const wanted = readFingerprint(fingerprint);
  if (wanted === undefined)
    throw new NmcpError(
      'invalid_config',
      'fingerprint: expected a SHA-256 fingerprint: 64 hexadecimal digits',
    );
  // a resumed TLS session shows no certificate, so none is kept
  const connect = buildConnector({ rejectUnauthorized: false, maxCachedSessions: 0 });
  return (options, callback) =>
    connect(options, (error, socket) => {
      if (error || !socket) return callback(error ?? new Error('No connection'), null);
      const certificate =
        'getPeerCertificate' in socket ? (socket as TLSSocket).getPeerCertificate() : undefined; // of TLS only
      const found = certificate?.fingerprint256?.replaceAll(':', '');
      if (found === wanted) return callback(null, socket);
      socket.destroy();
      callback(new Error(`certificate fingerprint ${found ?? 'missing'} is not the pinned one`), null);
    });
}
