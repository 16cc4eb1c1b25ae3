import type { FoundFinding } from '@nmcp/scans';
import type { JSX } from 'hono/jsx/jsx-runtime';
import { agedFindingPath, assetPathOfFinding } from './asset_path.ts';
import { HostName, portOf } from './findings_table.tsx';
import { cut, Pages, State, When } from './layout.tsx';
import { Chip } from './severities.tsx';
import { Table } from './table.tsx';

/** Findings over time. */
export interface AgedFindings {
  findings: readonly FoundFinding[];
  total: number;
  page: number;
  pages: number;
  /** Why there are none. */
  why?: string | undefined;
}

/** Findings of an asset, or of a vulnerability, with what became of them. */
export function AgedFindingsTable({
  caption,
  aged: { findings, page, pages, why = 'There are none' },
  names,
  to,
}: {
  caption: string;
  aged: AgedFindings;
  /** What tells them apart here: the hosts that they are on, or what they are. */
  names: 'hosts' | 'findings';
  /** Address of a page. */
  to: (page: number) => string;
}): JSX.Element {
  const ofHosts = names === 'hosts';
  return (
    <>
      <Table
        dense
        caption={caption}
        head={[
          { word: 'Severity', kind: 'fixed' },
          ofHosts ? { word: 'Asset', kind: 'fixed' } : 'Finding',
          { word: 'Port', kind: 'fixed' },
          { word: 'State', kind: 'fixed' },
          { word: 'Since', kind: 'fixed' },
          { word: 'Last seen', kind: 'fixed' },
          ofHosts ? 'Owner' : 'Notes',
        ]}
        empty={`${cut(why, 400)}.`}
        rows={findings.map((finding) => [
          <Chip level={Number(finding.severity)} />,
          ofHosts ? (
            <a href={assetPathOfFinding(finding)}>
              <HostName host={finding.host} />
            </a>
          ) : (
            <a href={`/network/vulnerabilities/${encodeURIComponent(finding.plugin_id)}`}>
              {cut(finding.plugin_name, 120)}
            </a>
          ),
          portOf(finding),
          <StateOf finding={finding} />,
          <When at={finding.first_seen} />,
          <a href={agedFindingPath(finding)}>
            <When at={finding.last_seen} />
          </a>,
          ofHosts ? cut(finding.owner ?? '–', 60) : notesOf(finding),
        ])}
      />
      <Pages label="Pages of findings" page={page} pages={pages} to={to} />
    </>
  );
}

/** What became of a finding. */
export function StateOf({ finding }: { finding: FoundFinding }): JSX.Element {
  const { state, accepted, overdue, fixed_at } = finding;
  if (fixed_at !== undefined)
    return (
      <>
        <State word={state} /> <When at={fixed_at} />
      </>
    );
  return (
    <>
      <State word={accepted ? 'accepted' : state} /> {overdue ? <State word="overdue" /> : null}
    </>
  );
}

const REASONS: Readonly<Record<string, string>> = {
  host_away: 'not reached since',
  login: 'a later login was worse',
  port: 'later scans did not look at the port',
  plugin: 'later scans did not run the plugin',
  unfinished: 'a later scan ended early',
};

/** What else there is to say of what became of a finding. */
export function notesOf({ not_looked, why_urgent = [], accepted, times_reopened }: FoundFinding): string {
  const notes = [
    ...why_urgent,
    ...(not_looked ? [REASONS[not_looked] ?? not_looked] : []),
    ...(times_reopened ? [`came back ${times_reopened} times`] : []),
    ...(accepted ? [`accepted by ${accepted.person}: ${accepted.reason}`] : []),
  ];
  return cut(notes.join('; ') || '–', 200);
}
