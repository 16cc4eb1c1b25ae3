import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
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
const ALL = [...ROLES, 'proxy'] as const;

const SERVERS = fileURLToPath(new URL('../src/s3_server.py', import.meta.url));

/** One loud line; there is no other S3 server in Debian, and the suites run where there is one. */
function refuse(): undefined {
  const line = 'NO S3 SERVER: no /usr/bin/swift-proxy-server; the suites that need S3 are skipped';
  console.warn(`\n${'!'.repeat(line.length)}\n${line}\n${'!'.repeat(line.length)}\n`);
  return undefined;
}

/** Starts a server that keeps nothing beyond the test; `undefined` where none can be had. */
export async function startS3(): Promise<PrivateS3 | undefined> {
  if (!existsSync('/usr/bin/swift-proxy-server') || process.getuid?.() !== 0) return refuse();
  const folder = await mkdtemp(join(tmpdir(), 'nmcp-s3-'));
  const [proxy, memcached, ...ports] = await Promise.all(Array.from({ length: 5 }, () => freePort()));
  const portOf = new Map(ROLES.map((role, index): [Role, number] => [role, ports[index] ?? 0]));
  await mkdir(join(folder, 'devices/d1'), { recursive: true });
  for (const [role, port] of portOf)
    await writeFile(join(folder, `${role}.conf`), serverConfig(role, port, folder));
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
  const servers = spawn(
    '/usr/bin/python3',
    [SERVERS, folder, ...Array.from(portOf, ([role, port]) => `${role}:${port}`)],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const answers = createInterface({ input: servers.stdout })[Symbol.asyncIterator]();
  /** One at a time: each is answered by a line. */
  const tell = async (command: 'start' | 'stop', roles: readonly string[]): Promise<void> => {
    servers.stdin.write(roles.map((role) => `${command} ${role}\n`).join(''));
    for (const role of roles)
      if ((await answers.next()).done) throw new Error(`${SERVERS} ended before it could ${command} ${role}`);
  };
  const memory = spawn('memcached', ['-u', 'root', '-l', '127.0.0.1', '-p', String(memcached)], {
    stdio: 'ignore',
  });
  const start = async (): Promise<void> => {
    await tell('start', ALL);
    await untilAnswers(`${endpoint}/healthcheck`);
    // the proxy answers before those behind it
    while (!(await put('started'))) await setTimeout(50);
  };
  const stop = (roles: readonly ('proxy' | Role)[] = ALL): Promise<void> => tell('stop', roles);
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
      const ended = Promise.all([once(servers, 'exit'), once(memory, 'exit')]);
      servers.stdin.end();
      memory.kill('SIGKILL');
      await ended;
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
