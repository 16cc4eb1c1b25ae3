import { utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROLES } from '@nmcp/access';
import { tempFolder } from '@nmcp/test-support';
import { expect, test } from 'vitest';
import { earlierOf, getPosture, importReport, listScans } from '../mod.ts';
import { callerOf, type Stage, stage } from '../scans_test_stage.ts';

const alice = callerOf('alice', 'scan');
const bob = callerOf('bob', 'scan');
const viewer = { name: 'manager', scopes: ROLES.viewer };

const item = (id: number, severity: number, more = ''): string =>
  `<ReportItem port="22" svc_name="ssh" protocol="tcp" severity="${severity}" pluginID="${id}" pluginName="P${id}" pluginFamily="F"><solution>Upgrade to Product${id} version 2.0 or later</solution>${more}</ReportItem>`;

/** Imports a report of a host that ran on a day of January. */
async function importAs(s: Stage, owner: string, host: string, day: number, items: string): Promise<void> {
  await using folder = await tempFolder();
  const file = join(folder.path, 'r.nessus');
  const at = Date.UTC(2026, 0, day) / 1000;
  await writeFile(
    file,
    `<NessusClientData_v2><Report name="r"><ReportHost name="${host}"><HostProperties><tag name="HOST_START_TIMESTAMP">${at}</tag><tag name="HOST_END_TIMESTAMP">${at + 60}</tag></HostProperties>${items}</ReportHost></Report></NessusClientData_v2>`,
  );
  await utimes(file, at, at);
  await importReport({ file, owner }, s.services);
}

test('open findings and their change are of the latest scans that the caller may read', async () => {
  await using s = await stage();
  await importAs(s, 'alice', '10.0.0.1', 1, item(1, 4) + item(2, 3) + item(3, 0));
  await importAs(s, 'alice', '10.0.0.1', 8, item(2, 3) + item(4, 2) + item(3, 0));
  await importAs(s, 'bob', '10.0.0.2', 9, item(5, 4));
  expect(await getPosture(s.services, alice, {})).toMatchObject({
    open: { critical: 0, high: 1, medium: 1, low: 0, info: 1 },
    change: { critical: -1, high: 0, medium: 1, low: 0, info: 0 },
    compared: 1,
  });
  expect(await getPosture(s.services, bob, {})).toMatchObject({
    open: { critical: 1, high: 0 },
    compared: 0,
  });
  expect((await getPosture(s.services, viewer, {})).open).toMatchObject({ critical: 1, high: 1, medium: 1 });
  expect(await getPosture(s.services, callerOf('eve', 'scan'), {})).toMatchObject({ pairs: [], fixes: [] });
  const [latest, first] = await listScans(s.services, alice, {});
  expect([...earlierOf([latest, first].flatMap((task) => task ?? []))]).toEqual([
    [latest?.task_id, first?.task_id],
  ]);
});

test('what is exploited is fixed first, then what is worst, then what exploits are known for', async () => {
  await using s = await stage();
  const known = '<exploit_available>true</exploit_available>';
  const exploited = '<cisa-known-exploited>2021/11/17</cisa-known-exploited>';
  await importAs(
    s,
    'alice',
    '10.0.0.1',
    1,
    item(1, 4) + item(2, 4, known) + item(3, 3, exploited) + item(4, 3),
  );
  await importAs(s, 'alice', '10.0.0.2', 2, item(4, 3));
  const { fixes } = await getPosture(s.services, alice, {});
  expect(fixes.map(({ value }) => value)).toEqual(
    [3, 2, 1, 4].map((id) => `Update Product${id} to 2.0 or later`),
  );
  expect(fixes.at(-1)).toMatchObject({ hosts: 2, findings: 2, scans: [{}, {}] });
});
