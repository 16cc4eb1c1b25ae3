import * as v from 'valibot';
import { expect, test } from 'vitest';
import { EVERYTHING, exported, HOSTILE, host, item, report } from './exporters_test_documents.ts';

const text = v.pipe(v.string(), v.minLength(1));
const level = v.picklist(['none', 'note', 'warning', 'error']);
const message = v.strictObject({ text });
/** What SARIF 2.1.0 says of the members that are used, and GitHub's limits; others would be refused. */
const Sarif = v.strictObject({
  $schema: text,
  version: v.literal('2.1.0'),
  runs: v.array(
    v.strictObject({
      columnKind: v.literal('utf16CodeUnits'),
      results: v.pipe(
        v.array(
          v.strictObject({
            ruleId: text,
            ruleIndex: v.pipe(v.number(), v.integer(), v.minValue(0)),
            kind: v.picklist(['fail', 'pass', 'review', 'open', 'informational']),
            level,
            message,
            locations: v.array(
              v.strictObject({
                physicalLocation: v.strictObject({
                  artifactLocation: v.strictObject({ uri: v.pipe(v.string(), v.regex(/^[\w.%:~!'()*-]+$/)) }),
                  region: v.strictObject({ startLine: v.literal(1) }),
                }),
                logicalLocations: v.array(v.strictObject({ fullyQualifiedName: text, kind: text })),
              }),
            ),
            partialFingerprints: v.record(v.string(), text),
            properties: v.record(v.string(), v.unknown()),
          }),
        ),
        v.maxLength(25_000),
      ),
      automationDetails: v.strictObject({ id: text }),
      tool: v.strictObject({
        driver: v.strictObject({
          name: text,
          organization: text,
          version: text,
          informationUri: v.pipe(v.string(), v.url()),
          rules: v.array(
            v.strictObject({
              id: text,
              name: v.pipe(text, v.maxLength(255)),
              shortDescription: v.strictObject({ text: v.pipe(text, v.maxLength(1024)) }),
              fullDescription: v.strictObject({ text: v.pipe(text, v.maxLength(1024)) }),
              help: message,
              helpUri: v.pipe(v.string(), v.url()),
              defaultConfiguration: v.strictObject({ level }),
              properties: v.strictObject({
                tags: v.pipe(v.array(text), v.maxLength(20)),
                'security-severity': v.pipe(v.string(), v.regex(/^\d+\.\d$/)),
                vpr: v.optional(v.number()),
              }),
            }),
          ),
        }),
      }),
    }),
  ),
});

async function runsOf(xml: string, maxRows?: number) {
  return v.parse(Sarif, JSON.parse(await exported('sarif', xml, { maxRows }))).runs;
}

test('has a result for each finding, and a rule for each plugin and check', async () => {
  const [run] = await runsOf(EVERYTHING);
  expect(run?.results.map(({ ruleId, kind, level: word }) => `${ruleId} ${kind} ${word}`)).toEqual([
    '1 fail error',
    '2 informational none',
    '3 fail warning',
    '3 fail warning',
    '21157/11 fail error',
    '21157/12 pass none',
    '21157/13 review none',
    '21157/14 open none',
    '1 fail error',
  ]);
  const rules = run?.tool.driver.rules ?? [];
  expect(run?.results.every(({ ruleId, ruleIndex }) => rules[ruleIndex]?.id === ruleId)).toBe(true);
  expect(rules[0]).toMatchObject({
    helpUri: 'https://example.org/a',
    properties: { 'security-severity': '9.3' },
  });
  expect(rules[1]?.helpUri).toBe('https://www.tenable.com/plugins/nessus/2');
  expect(rules[3]?.name).toBe('1.1 Root login off');
});

test('fingerprints are the identities of findings: none is there twice', async () => {
  const [run] = await runsOf(EVERYTHING);
  const prints =
    run?.results.map(({ partialFingerprints }) => partialFingerprints['findingIdentity/v1']) ?? [];
  expect(prints[0]).toBe('web-01:443/tcp/1');
  expect(prints[4]).toBe('web-01:0/tcp/21157/11');
  expect(new Set(prints).size).toBe(9);
});

test('goes on in a further run when one is full, each with its own rules and name', async () => {
  const runs = await runsOf(EVERYTHING, 4);
  expect(runs.map(({ results }) => results.length)).toEqual([4, 4, 1]);
  expect(runs.map(({ tool }) => tool.driver.rules.length)).toEqual([3, 4, 1]);
  expect(new Set(runs.map(({ automationDetails }) => automationDetails.id)).size).toBe(3);
});

test('says the version of Nessus, and holds the limits of texts', async () => {
  const said = `<plugin_output>Nessus version : 10.8.3 (Build 7)</plugin_output>`;
  const long = 'long '.repeat(1000);
  const xml = report(
    host(
      'h',
      {},
      item(19506, 0, said),
      item(5, 1, `<description>${long}</description><synopsis>${long}</synopsis>`),
    ),
  );
  const [run] = await runsOf(xml);
  expect(run?.tool.driver.version).toBe('10.8.3');
  expect(run?.tool.driver.rules[1]?.help.text.length).toBeGreaterThan(9_000);
});

test.each([
  ['hostile text', HOSTILE],
  ['no findings', report()],
  ['an item without anything', report(host('', {}, '<ReportItem/>'))],
])('is well-formed: %s', async (_name, xml) => {
  expect(await runsOf(xml)).toHaveLength(1);
});
