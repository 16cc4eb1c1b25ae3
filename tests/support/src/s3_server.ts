import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { freePort } from './free_port.ts';
import { untilAnswers } from './until_answers.ts';

/** An S3 server of the tests' own, on the loopback interface: Debian's OpenStack Swift with its S3 interface. */
export interface PrivateS3 extends AsyncDisposable {
  endpoint: string;
  /** The usual AWS variables of a client of it. */
  environment: {
    AWS_ENDPOINT_URL_S3: string;
    AWS_REGION: string;
    AWS_ACCESS_KEY_ID: string;
    AWS_SECRET_ACCESS_KEY: string;
  };
  /** Makes a bucket, if there is none of that name. */
  makeBucket(name: string): Promise<void>;
  /** Ends its processes, or those of some roles: without `object` it answers 503. */
  stop(roles?: readonly ('proxy' | Role)[]): Promise<void>;
  /** Starts those that were ended. */
  start(): Promise<void>;
}

const ROLES = ['account', 'container', 'object'] as const;
type Role = (typeof ROLES)[number];

/** One loud line; there is no other S3 server in Debian, and the suites run where there is one. */
function refuse(): undefined {
  const line = 'NO S3 SERVER: no swift-proxy-server on the PATH; the suites that need S3 are skipped';
  console.warn(`\n${'!'.repeat(line.length)}\n${line}\n${'!'.repeat(line.length)}\n`);
  return undefined;
}

/** Starts a server that keeps nothing beyond the test; `undefined` where none can be had. */
export async function startS3(): Promise<PrivateS3 | undefined> {
  if (spawnSync('swift-ring-builder', [], { stdio: 'ignore' }).error || process.getuid?.() !== 0)
    return refuse();
  const folder = await mkdtemp(join(tmpdir(), 'nmcp-s3-'));
  const [proxy, memcached, ...ports] = await Promise.all(Array.from({ length: 5 }, () => freePort()));
  const portOf = new Map(ROLES.map((role, index) => [role, ports[index] ?? 0]));
  await mkdir(join(folder, 'devices/d1'), { recursive: true });
  for (const role of ROLES) {
    const ring = (...args: string[]): void =>
      mustRun('swift-ring-builder', [`${role}.builder`, ...args], folder);
    ring('create', '6', '1', '1');
    ring('add', `r1z1-127.0.0.1:${portOf.get(role)}/d1`, '1');
    ring('rebalance');
    await writeFile(join(folder, `${role}.conf`), serverConfig(role, portOf.get(role) ?? 0, folder));
  }
  await writeFile(join(folder, 'swift.conf'), '[swift-hash]\nswift_hash_path_suffix = tests\n');
  await writeFile(join(folder, 'proxy.conf'), proxyConfig(proxy ?? 0, memcached ?? 0, folder));

  const endpoint = `http://127.0.0.1:${proxy}`;
  /** By Swift's own interface, whose containers are S3's buckets. */
  const signIn = async (): Promise<{ url: string; headers: Record<string, string> }> => {
    const { headers } = await fetch(`${endpoint}/auth/v1.0`, {
      headers: { 'X-Auth-User': 'test:tester', 'X-Auth-Key': 'testing' },
    });
    return {
      url: headers.get('x-storage-url') ?? '',
      headers: { 'X-Auth-Token': headers.get('x-auth-token') ?? '' },
    };
  };
  const put = async (container: string): Promise<boolean> => {
    const { url, headers } = await signIn();
    return (await fetch(`${url}/${container}`, { method: 'PUT', headers })).ok;
  };
  const processes = new Map<string, ChildProcess>();
  const begin = (name: string, command: string, args: string[]): void => {
    const before = processes.get(name);
    if (before && before.exitCode === null && before.signalCode === null) return;
    processes.set(name, spawn(command, args, { stdio: 'ignore' }));
  };
  const start = async (): Promise<void> => {
    begin('memcached', 'memcached', ['-u', 'root', '-l', '127.0.0.1', '-p', String(memcached)]);
    for (const role of [...ROLES, 'proxy'])
      begin(role, `swift-${role}-server`, [join(folder, `${role}.conf`)]);
    await untilAnswers(`${endpoint}/healthcheck`);
    // the proxy answers before those behind it
    while (!(await put('started'))) await setTimeout(50);
  };
  const stop = async (names: Iterable<string> = processes.keys()): Promise<void> => {
    await Promise.all(
      [...names].map(async (name) => {
        const child = processes.get(name);
        if (!child || child.exitCode !== null || child.signalCode !== null) return;
        const ended = new Promise((resolve) => child.once('exit', resolve));
        child.kill('SIGKILL');
        await ended;
      }),
    );
  };
  await start();
  return {
    endpoint,
    environment: {
      AWS_ENDPOINT_URL_S3: endpoint,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'test:tester',
      AWS_SECRET_ACCESS_KEY: 'testing',
    },
    async makeBucket(name) {
      if (!(await put(name))) throw new Error(`the bucket ${name} was not made`);
    },
    start,
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function serverConfig(role: Role, port: number, folder: string): string {
  return `[DEFAULT]
bind_ip = 127.0.0.1
bind_port = ${port}
workers = 0
user = root
swift_dir = ${folder}
devices = ${join(folder, 'devices')}
mount_check = false
log_level = ERROR

[pipeline:main]
pipeline = ${role}-server

[app:${role}-server]
use = egg:swift#${role}
fallocate_reserve = 0
`;
}

function proxyConfig(port: number, memcached: number, folder: string): string {
  const filters = [
    ...['catch_errors', 'healthcheck', 'listing_formats', 'bulk', 'slo', 'dlo', 'copy'].map(
      (name) => `[filter:${name}]\nuse = egg:swift#${name}\n`,
    ),
    `[filter:cache]\nuse = egg:swift#memcache\nmemcache_servers = 127.0.0.1:${memcached}\n`,
    '[filter:s3api]\nuse = egg:swift#s3api\nlocation = us-east-1\n',
    '[filter:tempauth]\nuse = egg:swift#tempauth\nuser_test_tester = testing .admin\nuser_test_reader = reading\n',
  ];
  return `[DEFAULT]
bind_ip = 127.0.0.1
bind_port = ${port}
workers = 0
user = root
swift_dir = ${folder}
log_level = ERROR

[pipeline:main]
pipeline = catch_errors healthcheck cache listing_formats bulk s3api tempauth slo dlo copy proxy-server

[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true

${filters.join('\n')}`;
}

function mustRun(command: string, args: readonly string[], cwd: string): void {
  const { status, error, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  // the ring builder ends with 1 where it only warns
  if (error || status === null || status > 1)
    throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? stderr}`);
}
