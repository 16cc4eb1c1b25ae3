import { utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { tempFolder } from '@nmcp/test-support';
import { afterAll, describe, expect, test } from 'vitest';
import { FeedReader } from './feed.ts';
import { readFeed } from './read_feed.ts';

const folder = await tempFolder();
afterAll(() => folder[Symbol.asyncDispose]());

async function written(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder.path, name);
  await writeFile(path, content);
  return path;
}

const KEV = {
  title: 'CISA Catalog of Known Exploited Vulnerabilities',
  catalogVersion: '2025.11.20',
  dateReleased: '2025-11-20T17:00:18.0001Z',
  count: 2,
  vulnerabilities: [
    { cveID: 'CVE-2021-44228', dateAdded: '2021-12-10', dueDate: '2021-12-24' },
    { cveID: 'CVE-2021-41773', dateAdded: '2021-11-03', dueDate: '2021-11-17' },
  ],
};
const KEV_CSV = `cveID,vendorProject,product,vulnerabilityName,dateAdded,shortDescription,requiredAction,dueDate,knownRansomwareCampaignUse,notes,cwes
CVE-2021-44228,Apache,Log4j2,"Apache, since 2021-01-01, remote",2021-12-10,"A, text",Apply,2021-12-24,Known,https://x,CWE-20
`;
const EPSS = `#model_version:v2025.03.14,score_date:2025-11-21T00:00:00+0000
cve,epss,percentile
CVE-2021-44228,0.94358,0.99965
CVE-1999-0001,0.0142,0.8
`;

test('CISA’s catalogue, as JSON and as CSV, says by when a CVE is to be fixed', async () => {
  const feed = await readFeed(await written('kev.json', JSON.stringify(KEV)));
  expect(feed).toMatchObject({ name: 'kev', date: '2025-11-20', entries: 2 });
  const reader = new FeedReader([feed]);
  expect(reader.due(['CVE-2021-44228', 'cve-2021-41773'])).toBe('2021-11-17');
  expect(reader.due(['CVE-2021-44229', 'no CVE'])).toBeUndefined();
  const path = await written('kev.csv', KEV_CSV);
  await utimes(path, 1_763_700_000, 1_763_700_000);
  const csv = await readFeed(path);
  expect(csv).toMatchObject({ name: 'kev', date: '2025-11-21', entries: 1 });
  expect(new FeedReader([csv]).due(['CVE-2021-44228'])).toBe('2021-12-24');
});

test('EPSS, packed or not, says how probable it is that a CVE is exploited', async () => {
  for (const path of [await written('e.csv', EPSS), await written('e.csv.gz', gzipSync(EPSS))]) {
    const feed = await readFeed(path);
    expect(feed).toMatchObject({ name: 'epss', date: '2025-11-21', entries: 2 });
    const reader = new FeedReader([feed]);
    expect(reader.probability(['CVE-1999-0001', 'CVE-2021-44228'])).toBe(0.943_58);
    expect(reader.due(['CVE-2021-44228'])).toBeUndefined();
    expect(reader.dates).toEqual({ epss: '2025-11-21' });
  }
});

describe('a file that is no feed', () => {
  test.each<[string, string | Uint8Array, RegExp]>([
    ['is empty', '', /the file is empty; expected CISA's known_exploited/],
    ['is a page', '<!DOCTYPE html><html>', /it begins with "<!DOCTYPE html><html>"/],
    ['is cut off', JSON.stringify(KEV).slice(0, -20), /no whole JSON document/],
    ['is other JSON', '{"a": 1}', /dateReleased: /],
    [
      'has fewer entries than it says',
      JSON.stringify({ ...KEV, count: 3 }),
      /says that it has 3 entries, and has 2/,
    ],
    [
      'has an entry that is none',
      JSON.stringify({ ...KEV, count: 1, vulnerabilities: [{ cveID: 'log4j', dueDate: '2021-12-24' }] }),
      /vulnerabilities\.0: expected a CVE and its due date/,
    ],
    ['has no entries', JSON.stringify({ ...KEV, count: 0, vulnerabilities: [] }), /it has no entries/],
    ['has a probability that is none', `${EPSS}CVE-2020-0001,1.2,0.1\n`, /row 4: expected a probability/],
    ['is other CSV', 'host,port\n10.0.0.1,22\n', /it begins with "host,port/],
    ['is damaged', gzipSync(EPSS).subarray(0, 40), /cannot be unpacked/],
  ])('%s', async (name, content, why) => {
    await expect(readFeed(await written(`${name}.txt`, content))).rejects.toMatchObject({
      code: 'invalid_input',
      message: expect.stringMatching(why),
    });
  });

  test('is not there', async () => {
    await expect(readFeed(join(folder.path, 'none'))).rejects.toMatchObject({ code: 'not_found' });
  });
});
