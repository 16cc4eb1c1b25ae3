/**
 * For Node: a fetch that trusts a scanner's own certificate. Give it to `createNessusClient`.
 *
 * @module
 */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { checkServerIdentity, type TLSSocket } from 'node:tls';
import { messageOf, NmcpError } from '@nmcp/types';
import type { Agent, buildConnector, fetch } from 'undici';

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
  const makeConnector = connector(trust);
  let opened: Promise<{ send: typeof fetch; dispatcher: Agent }> | undefined;
  const open = async (): Promise<{ send: typeof fetch; dispatcher: Agent }> => {
    const undici = await import('undici'); // with the first call
    const connect = makeConnector(undici.buildConnector);
    const dispatcher = new undici.Agent({ connect, allowH2: false, connections: MAX_CONNECTIONS });
    return { send: undici.fetch, dispatcher };
  };
  return {
    // undici's own fetch goes with its own Agent; its types are those of the web
    fetch: (async (input: string, init?: object) => {
      opened ??= open();
      const { send, dispatcher } = await opened;
      return await send(input, { ...init, dispatcher });
    }) as unknown as typeof globalThis.fetch,
    close: async () => await (await opened)?.dispatcher.close(),
  };
}

/** Makes a connector, once undici is there. */
type MakeConnector = (build: typeof buildConnector) => buildConnector.connector;

function connector({ caFile, fingerprint, insecure }: ScannerTrust): MakeConnector {
  if ([caFile, fingerprint, insecure || undefined].filter((way) => way !== undefined).length > 1)
    throw new NmcpError('invalid_config', 'Expected only one of caFile, fingerprint and insecure');
  if (fingerprint !== undefined) return pinned(fingerprint);
  if (caFile !== undefined) return trusting(readCa(caFile));
  if (insecure !== true) return (build) => build({});
  process.emitWarning(
    'The certificate of a scanner is not checked: whoever is in the way can read the credentials',
    {
      type: 'InsecureScanner',
    },
  );
  return (build) => build({ rejectUnauthorized: false });
}

/**
 * Accepts certificates of these authorities. One that stands in the file itself is trusted whatever it names: a scanner's own
 * certificate often names nothing, or another address.
 */
function trusting(ca: string): MakeConnector {
  const own = fingerprintsOf(ca);
  return (build) =>
    build({
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
function pinned(fingerprint: string): MakeConnector {
  const wanted = readFingerprint(fingerprint);
  if (wanted === undefined)
    throw new NmcpError(
      'invalid_config',
      'fingerprint: expected a SHA-256 fingerprint: 64 hexadecimal digits',
    );
  return (build) => {
    // a resumed TLS session shows no certificate, so none is kept
    const connect = build({ rejectUnauthorized: false, maxCachedSessions: 0 });
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
  };
}
