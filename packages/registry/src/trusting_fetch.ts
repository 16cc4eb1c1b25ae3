import { readFileSync } from 'node:fs';
import type { TLSSocket } from 'node:tls';
import { messageOf, NmcpError } from '@nmcp/types';
import { Agent, buildConnector, fetch as undiciFetch } from 'undici';
import type { ScannerTls } from './scanner_config.ts';

/** A fetch with its own connections. */
export interface ClosableFetch {
  fetch: typeof globalThis.fetch;
  close(): Promise<void>;
}

/** To one scanner at a time: hundreds of looks shall not become hundreds of TLS handshakes. */
const MAX_CONNECTIONS = 32;

/**
 * A fetch that trusts a scanner's certificate as its entry says: by CA file, by fingerprint, or any. Without a word it
 * trusts what the system trusts.
 *
 * @throws {NmcpError} `invalid_config` when the CA file cannot be read.
 */
export function createTrustingFetch(tls: ScannerTls): ClosableFetch {
  const agent = new Agent({ connect: connector(tls), allowH2: false, connections: MAX_CONNECTIONS });
  return {
    // undici's own fetch goes with its own Agent; its types are those of the web
    fetch: ((input: string, init?: object) =>
      undiciFetch(input, { ...init, dispatcher: agent })) as unknown as typeof globalThis.fetch,
    close: () => agent.close(),
  };
}

function connector(tls: ScannerTls): buildConnector.connector {
  if (tls.fingerprint !== undefined) return pinned(tls.fingerprint);
  if (tls.ca_file !== undefined) return buildConnector({ ca: readCa(tls.ca_file) });
  return buildConnector({ rejectUnauthorized: tls.insecure !== true });
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

/** Accepts only the certificate of a fingerprint, checked before anything is sent. */
function pinned(fingerprint: string): buildConnector.connector {
  const wanted = fingerprint.replaceAll(':', '').toUpperCase();
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
