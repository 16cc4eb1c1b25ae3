import { writeFile } from 'node:fs/promises';
import { type FindingsQuery, queryNessus } from '@nmcp/schema';
import { tempFolder } from '@nmcp/test-support';
import type { Filters } from '@nmcp/types';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createResultsReader } from './mod.ts';
import { documentOf, type Item, linesOf } from './results_test_bench.ts';

const item: fc.Arbitrary<Item> = fc.record({
  host: fc.integer({ min: 1, max: 4 }),
  plugin: fc.integer({ min: 0, max: 14 }),
  port: fc.constantFrom(0, 80, 443),
  output: fc.option(fc.constantFrom('found & <x>', 'path /opt/a', 'é€😀', ''), { nil: undefined }),
});

const condition: fc.Arbitrary<Filters[string]> = fc.constantFrom<Filters[string]>(
  '>=2',
  '2',
  'F1',
  '=443',
  3,
  true,
  false,
  'cve-2021',
  { gte: 5 },
  { in: [1, '3', 'F2'] },
  { regex: '^(P|10\\.0\\.0\\.[12]$)' },
  { cidr: '10.0.0.0/30' },
  { exists: false },
  { ne: 80 },
  { gt: '2015-01-01', lt: '2019/01/01' },
  { contains: 'found' },
  'critical',
  '>=high',
  { in: ['medium', 'low'] },
  '10.0.0.1',
  '10.0.0.',
  '10.0.0.2-3',
  '10.0.0.0/31, 10.0.0.4',
  '2001:db8::/32',
  '80',
  '443/tcp',
  '104',
  'CVE-2021-1',
  'linux',
  'success',
  '2023',
);

const field = fc.constantFrom(
  'severity',
  'host',
  'host_ip',
  'host_fqdn',
  'netbios',
  'mac',
  'os',
  'credentialed',
  'host_end',
  'plugin_id',
  'plugin_family',
  'plugin_name',
  'cve',
  'cvss3_base_score',
  'cvss_score',
  'exploit_available',
  'port',
  'plugin_output',
  'description',
  'vuln_publication_date',
);

const filters: fc.Arbitrary<Filters> = fc.letrec<{ filters: Filters }>((tie) => ({
  filters: fc.oneof(
    { depthSize: 'small' },
    fc.dictionary(field, condition, { maxKeys: 3 }),
    fc.record({ any: fc.array(tie('filters'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ all: fc.array(tie('filters'), { minLength: 1, maxLength: 2 }), not: tie('filters') }),
  ) as fc.Arbitrary<Filters>, // built of what filters are
})).filters;

const query: fc.Arbitrary<FindingsQuery> = fc.record({
  filters: fc.option(filters, { nil: undefined }),
  sort: fc.option(
    fc.uniqueArray(
      fc.constantFrom(
        '-severity',
        'host',
        '-host',
        'cvss_score',
        '-cvss3_base_score',
        'plugin_name',
        'cve',
        'description',
        '-port',
        'os',
        '-host_ip',
        'credentialed',
        '-host_start',
      ),
      { maxLength: 3 },
    ),
    { nil: undefined },
  ),
  page: fc.integer({ min: 0, max: 3 }),
  pageSize: fc.constantFrom(10, 15),
  profile: fc.constantFrom('minimal', 'brief', 'full'),
});

test('the index answers every question as a reading of the whole document does', async () => {
  await using folder = await tempFolder();
  let run = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(item, { minLength: 1, maxLength: 60 }),
      fc.array(query, { minLength: 1, maxLength: 6 }),
      async (items, queries) => {
        const xml = documentOf(items);
        // results are never written in place: one of the same length, in the same tick of the clock, would not be noticed
        const path = `${folder.path}/${run++}.nessus`;
        await writeFile(path, xml);
        using reader = createResultsReader();
        for (const each of queries) {
          expect(await linesOf(reader.query(path, each))).toEqual(
            await linesOf(queryNessus(() => new Blob([xml]).stream(), each)),
          );
        }
      },
    ),
    { numRuns: 60 },
  );
});
