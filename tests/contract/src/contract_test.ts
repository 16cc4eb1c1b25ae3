import { createNessusClient } from '@nmcp/nessus-client';
import { type Simulator, startSimulator } from '@nmcp/simulator';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CASES } from './cases.ts';
import { pathPattern, readEndpoints } from './endpoints.mjs';

describe('the client against the simulator', () => {
  let simulator: Simulator;
  beforeAll(async () => {
    simulator = await startSimulator({ tls: false, speed: 500 });
  });
  afterAll(() => simulator.close());

  test.each(CASES.map((each) => [each.name, each] as const))('%s', async (_name, { run }) => {
    const { url, accessKey, secretKey } = simulator;
    const connect = (auth: Parameters<typeof createNessusClient>[0]['auth']) =>
      createNessusClient({ url, auth });
    await run({ client: connect({ accessKey, secretKey }), connect });
  });

  test('has tried every call that the client has, and the simulator knows them all', () => {
    const asked = simulator.requests();
    const endpoints = readEndpoints();
    expect(endpoints.length).toBeGreaterThan(100);
    const untried = endpoints.filter(
      ({ method, path }) =>
        !asked.some((request) => request.method === method && pathPattern(path).test(request.path)),
    );
    expect(untried.map(({ method, path }) => `${method} ${path}`)).toEqual([]);
    expect(asked.filter(({ status }) => status === 500)).toEqual([]);
  });
});
