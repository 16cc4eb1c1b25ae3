import type { Caller } from '@nmcp/access';
import type { AgedGroup, CountedFindings } from '@nmcp/scans';
import type { JSX } from 'hono/jsx/jsx-runtime';
import { STATE_OPTIONS } from './asset_page.tsx';
import { SEVERITY_OPTIONS } from './findings_filter.tsx';
import { CheckField, SelectField, TextField } from './forms.tsx';
import { cut, Page, When, withQuery } from './layout.tsx';
import { PlaceFilter, type PlaceQuery } from './place_filter.tsx';
import { Problem } from './problem.tsx';
import { Chip, SEVERITIES } from './severities.tsx';
import { Table } from './table.tsx';

/** Which vulnerabilities are shown. */
export interface VulnerabilitiesQuery extends PlaceQuery {
  /** `cve`, or else by plugin. */
  by?: string | undefined;
  severity?: string | undefined;
  /** Part of a plugin's name. */
  text?: string | undefined;
  cve?: string | undefined;
  state?: string | undefined;
  since?: string | undefined;
  kev?: string | undefined;
  overdue?: string | undefined;
}

/** Vulnerabilities, worst first: how many findings of each, on how many assets, since when. */
export function VulnerabilitiesPage({
  caller,
  query,
  counted,
  problem,
}: {
  caller: Caller;
  query: VulnerabilitiesQuery;
  counted?: CountedFindings | undefined;
  problem?: string | undefined;
}): JSX.Element {
  const only = SEVERITIES.find(({ level }) => query.severity === `=${level}`);
  const severities = [
    ...SEVERITY_OPTIONS,
    ...(only && only.level < 4 ? [{ value: `=${only.level}`, word: `only ${only.word.toLowerCase()}` }] : []),
  ];
  return (
    <Page title="Vulnerabilities" caller={caller} here="/network/vulnerabilities">
      <PlaceFilter action="/network/vulnerabilities" place={query}>
        <SelectField
          word="By"
          name="by"
          value={query.by}
          options={[
            { value: '', word: 'plugin' },
            { value: 'cve', word: 'CVE' },
          ]}
        />
        <SelectField
          word="Severity"
          name="severity"
          value={query.severity === '=4' ? '>=4' : query.severity}
          options={severities}
        />
        <SelectField word="State" name="state" value={query.state} options={STATE_OPTIONS} />
        <TextField word="Plugin" name="text" value={query.text} placeholder="part of its name" />
        <TextField word="CVE" name="cve" value={query.cve} placeholder="CVE-2021-44228" />
        <TextField word="First seen since" name="since" value={query.since} placeholder="2026-01-31" />
        <CheckField word="Exploited, says CISA" name="kev" isOn={query.kev === 'yes'} />
        <CheckField word="Overdue" name="overdue" isOn={query.overdue === 'yes'} />
      </PlaceFilter>
      <Problem text={problem} />
      {counted ? <Counted query={query} counted={counted} /> : null}
    </Page>
  );
}

function Counted({
  query: { by, severity: _, text: __, cve: ___, ...rest },
  counted: { groups, matching_findings, matching_assets, total_groups, empty },
}: {
  query: VulnerabilitiesQuery;
  counted: CountedFindings;
}): JSX.Element {
  const left = total_groups - groups.length;
  return (
    <>
      <Table
        dense
        caption={`${matching_findings} findings on ${matching_assets} assets; by severity, then by assets`}
        head={[
          { word: 'Severity', kind: 'fixed' },
          by === 'cve' ? { word: 'CVE', kind: 'fixed' } : 'Plugin',
          { word: 'Assets', kind: 'number' },
          { word: 'Findings', kind: 'number' },
          { word: 'Since', kind: 'fixed' },
        ]}
        empty={`${cut(empty?.why ?? 'There are none', 400)}.`}
        rows={groups.map((group) => [
          <Chip level={group.max_severity} />,
          <a href={withQuery(`/network/vulnerabilities/${encodeURIComponent(group.value)}`, rest)}>
            {cut(group.name ?? group.value, 120)}
          </a>,
          String(group.hosts),
          String(group.findings),
          <Since group={group} />,
        ])}
      />
      {left > 0 ? <p class="notice">{left} more are left out; choose fewer by the fields above.</p> : null}
    </>
  );
}

function Since({ group: { first_seen } }: { group: AgedGroup }): JSX.Element {
  return <When at={first_seen ?? null} />;
}
