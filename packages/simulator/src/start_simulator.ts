import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { type Clock, cannotListen, systemClock } from '@nmcp/types';
import type { Fault } from './fault.ts';
import { Faults } from './faults.ts';
import type { RequestRecord, ScanByHand } from './inspected.ts';
import { RequestLog, startByHand } from './inspection.ts';
import { makeCertificate } from './make_certificate.ts';
import { createNetwork } from './network/host.ts';
import { parseQuirks } from './quirks/parse_quirks.ts';
import { Quirks } from './quirks/quirks.ts';
import { createRoutes } from './routes/mod.ts';
import type { Effect } from './state/effects.ts';
import type { Licence } from './state/scanner_settings.ts';
import { ScannerState } from './state/scanner_state.ts';
import type { ScanOverview } from './state/scans.ts';

/** Options of {@linkcode startSimulator}. */
export interface SimulatorOptions {
  /** @default 0, any free port */
  port?: number | undefined;
  /** @default "127.0.0.1" */
  host?: string | undefined;
  /** Serve HTTPS with a certificate made at the start. @default true */
  tls?: boolean | undefined;
  /** Decides which hosts answer and what is found. @default 1 */
  seed?: number | undefined;
  /** Simulated seconds that pass in a real one; at 30 a scan of a /28 takes about two seconds. @default 30 */
  speed?: number | undefined;
  /** Professional, expert and essentials have no scan API. @default "manager" */
  licence?: Licence | undefined;
  /** @default "admin" */
  username?: string | undefined;
  /** @default "simulator" */
  password?: string | undefined;
  /** @default "simulator-access-key" */
  accessKey?: string | undefined;
  /** @default "simulator-secret-key" */
  secretKey?: string | undefined;
  /** Milliseconds without a call after which a session ends. @default 1800000 */
  sessionIdleMs?: number | undefined;
  /** Addresses that one scan may have. @default 16 for essentials, else 131072 */
  maxTargets?: number | undefined;
  /** Findings that every host has at least. @default as many as there are, about 20 */
  findingsPerHost?: number | undefined;
  /** Agents that are linked. @default 25 */
  agents?: number | undefined;
  /** Seconds by which the scanner's clock is off. @default 0 */
  clockSkewSeconds?: number | undefined;
  /** File in which scans are kept, so that they outlive the process. @default none, in memory only */
  stateFile?: string | undefined;
  /** Habits of scanners in the field: names, or `name=number`; `QUIRKS` has them. @default none */
  quirks?: readonly string[] | undefined;
  /** @default the machine's clock */
  clock?: Clock | undefined;
}

/** A running simulated scanner. */
export interface Simulator extends AsyncDisposable {
  /** Such as `https://127.0.0.1:41234`. */
  readonly url: string;
  /** PEM of the certificate; absent without TLS. */
  readonly certificate?: string;
  /** SHA-256 fingerprint of the certificate; absent without TLS. */
  readonly fingerprint?: string;
  readonly username: string;
  readonly password: string;
  readonly accessKey: string;
  readonly secretKey: string;
  /** How often scans were created and launched, and users logged in. */
  counts(): { created: number; launched: number; logins: number };
  /** The scans that it has. */
  scans(): ScanOverview[];
  /** What was done to scans through the API, oldest first; also to those that are gone. */
  effects(): readonly Effect[];
  /** Makes a scan as a person does in the user interface, which works on all licences. @returns its id */
  startByHand(scan: ScanByHand): number;
  /** Ends all sessions, as idling does. */
  expireSessions(): void;
  /** Lets calls go wrong from now on. */
  fail(fault: Fault): void;
  /** Lets calls go well again. */
  clearFaults(): void;
  /** Switches these habits on and all others off: names, or `name=number`. @throws {Error} for one that there is not */
  setQuirks(quirks: readonly string[]): void;
  /** Whether plugins compile: all but /server answers 503. */
  setLoading(isLoading: boolean): void;
  /** What was asked of it, oldest first; the newest 50,000 at least. */
  requests(): readonly RequestRecord[];
  close(): Promise<void>;
}

/**
 * Starts a simulated Nessus scanner.
 *
 * @example
 * ```ts
 * import { startSimulator } from '@nmcp/simulator';
 *
 * await using simulator = await startSimulator({ tls: false });
 * const answer = await fetch(`${simulator.url}/server/status`);
 * console.assert((await answer.json()).status === 'ready');
 * ```
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const seed = options.seed ?? 1;
  const state = new ScannerState(
    {
      seed,
      speed: options.speed ?? 30,
      licence: options.licence ?? 'manager',
      username: options.username ?? 'admin',
      password: options.password ?? 'simulator',
      accessKey: options.accessKey ?? 'simulator-access-key',
      secretKey: options.secretKey ?? 'simulator-secret-key',
      sessionIdleMs: options.sessionIdleMs ?? 1_800_000,
      maxTargets: options.maxTargets ?? (options.licence === 'essentials' ? 16 : 131_072),
      findingsPerHost: options.findingsPerHost,
      agents: options.agents ?? 25,
      clockSkewSeconds: options.clockSkewSeconds ?? 0,
    },
    createNetwork(seed),
    options.clock ?? systemClock,
    options.stateFile,
  );
  const faults = new Faults();
  const log = new RequestLog();
  const quirks = new Quirks(state, options.quirks);
  const app = createRoutes({ state, faults, log, quirks });
  const host = options.host ?? '127.0.0.1';
  const tls = (options.tls ?? true) ? await makeCertificate(host, !hasNoSan(options)) : undefined;
  const server = createAdaptorServer({
    fetch: app.fetch,
    ...(tls
      ? { createServer: createHttpsServer, serverOptions: { key: tls.key, cert: tls.certificate } }
      : { createServer: createHttpServer }),
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => reject(cannotListen(cause, { host, port: options.port ?? 0 })));
    server.listen(options.port ?? 0, host, resolve);
  });
  const { port } = server.address() as AddressInfo; // a TCP server's address is never a text
  const { username, password, accessKey, secretKey } = state.settings;
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      if ('closeAllConnections' in server) server.closeAllConnections();
    });
  return {
    url: `${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`,
    ...(tls ? { certificate: tls.certificate, fingerprint: tls.fingerprint } : {}),
    username,
    password,
    accessKey,
    secretKey,
    counts: () => state.counts,
    scans: () => state.scans.overview(),
    effects: () => state.effects,
    expireSessions: () => state.accounts.expireSessions(),
    startByHand: (scan) => startByHand(state, scan),
    fail: (fault) => faults.add(fault),
    clearFaults: () => faults.clear(),
    setQuirks: (entries) => quirks.set(entries),
    setLoading: (isLoading) => state.setLoading(isLoading),
    requests: () => log.list(),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function hasNoSan({ quirks = [] }: SimulatorOptions): boolean {
  return parseQuirks(quirks).some(({ quirk }) => quirk.name === 'no-san');
}
