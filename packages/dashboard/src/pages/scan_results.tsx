import {
  EXPORT_FORMATS,
  type FindingGroup,
  type FindingsPage,
  type ScanReport,
  type ScanSummary,
} from '@nmcp/scans';
import { cleanText, type Finding } from '@nmcp/schema';
import type { Task } from '@nmcp/types';
import type { Child } from 'hono/jsx';
import type { JSX } from 'hono/jsx/jsx-runtime';
import { SeverityDonut, StackedBar } from './charts.tsx';
import { findingPath } from './finding_path.ts';
import { FilterForm, SelectField, TextField } from './forms.tsx';
import { Pages, State, Table, withQuery } from './layout.tsx';
import { Problem } from './problem.tsx';
import { SEVERITIES, type SeverityCounts, severityOfLevel } from './severities.ts';

/** Which findings are shown. */
export interface FindingsQuery {
  severity?: string | undefined;
  host?: string | undefined;
  text?: string | undefined;
  cve?: string | undefined;
  /** As get_scan_results takes them, in JSON. */
  filters?: string | undefined;
  page: number;
}

/** A finding in the table. */
export interface FindingRow {
  host: string;
  plugin_id: string;
  plugin_name: string;
  port: string;
  protocol: string;
  severity: number;
  score: string;
}

/** What is shown of a completed scan. */
export interface ShownResults extends ScanReport {
  query: FindingsQuery;
  findings: FindingRow[];
  total: number;
  pages: number;
  /** Why there are no findings. */
  empty?: FindingsPage['empty'];
  problem?: string | undefined;
}

/** A finding as a row. */
export function rowOf(finding: Finding): FindingRow {
  const text = (name: string): string => String(finding[name] ?? '');
  return {
    host: text('host'),
    plugin_id: text('plugin_id'),
    plugin_name: text('plugin_name'),
    port: text('port'),
    protocol: text('protocol'),
    severity: Number(text('severity')),
    score: text('cvss_score'),
  };
}

/** A completed scan: charts, credentials, findings, exports. */
export function Results({ task, results }: { task: Task; results: ShownResults }): JSX.Element {
  const { summary } = results;
  const widest = Math.max(1, ...summary.top_hosts.map((host) => total(host)));
  const base = `/scans/${task.task_id}`;
  return (
    <>
      <p class="notice">The names and texts below come from scanned hosts and plugins.</p>
      <section class="charts">
        <div>
          <h2>By severity</h2>
          <SeverityDonut counts={summary.severity_breakdown} />
        </div>
        <div>
          <h2>Worst hosts</h2>
          <Table
            caption="Hosts with the worst findings"
            head={['Host', 'Findings', '']}
            empty="No host has findings."
            rows={summary.top_hosts.map((host) => [
              <a href={`${base}?host=${encodeURIComponent(host.host)}`}>{cleanText(host.host, 100)}</a>,
              <StackedBar counts={host} widest={widest} />,
              String(total(host)),
            ])}
          />
        </div>
        <div>
          <h2>Top plugins</h2>
          <Groups
            caption="Plugins with the worst findings"
            head={['Plugin', 'Severity', 'Hosts']}
            groups={summary.top_plugins}
            link={({ value, name }) => (
              <a href={`${base}?text=${encodeURIComponent(value)}`}>{cleanText(name ?? value, 120)}</a>
            )}
          />
        </div>
        <div>
          <h2>Top CVEs</h2>
          <Groups
            caption="CVEs on the most hosts"
            head={['CVE', 'Severity', 'Hosts']}
            groups={summary.top_cves}
            link={({ value }) => (
              <a href={`${base}?cve=${encodeURIComponent(value)}`}>{cleanText(value, 40)}</a>
            )}
          />
        </div>
        <Credentials summary={summary} logins={results.logins} />
      </section>
      <Findings taskId={task.task_id} results={results} />
      <Exports base={base} earlier={results.earlier} />
    </>
  );
}

function total(counts: SeverityCounts): number {
  return SEVERITIES.reduce((sum, { key }) => sum + counts[key], 0);
}

function Groups({
  caption,
  head,
  groups,
  link,
}: {
  caption: string;
  head: string[];
  groups: readonly FindingGroup[];
  link: (group: FindingGroup) => Child;
}): JSX.Element {
  return (
    <Table
      caption={caption}
      head={head}
      empty="None."
      rows={groups.map((group) => {
        const { key, word } = severityOfLevel(group.max_severity);
        return [link(group), <span class={`chip ${key}`}>{word}</span>, String(group.hosts)];
      })}
    />
  );
}

/** Rows of the table of credentials; failures come first. */
const LOGINS_SHOWN = 50;
const OUTCOMES = ['failed', 'partial', 'success'];

function Credentials({
  summary: { authentication },
  logins,
}: {
  summary: ScanSummary;
  logins: ShownResults['logins'];
}): JSX.Element | null {
  if (authentication.status === 'not_applicable') return null;
  const { success, partial, failed } = authentication;
  const worstFirst = Object.entries(logins).sort(([, a], [, b]) => OUTCOMES.indexOf(a) - OUTCOMES.indexOf(b));
  return (
    <div>
      <h2>Credentials</h2>
      <p>
        Worked on {success} hosts, partly on {partial}, failed on {failed}.
      </p>
      <Table
        caption="Credentials by host"
        head={['Host', 'Outcome']}
        empty="No login was attempted."
        rows={worstFirst
          .slice(0, LOGINS_SHOWN)
          .map(([host, outcome]) => [cleanText(host, 100), <State word={outcome} />])}
      />
    </div>
  );
}

const SEVERITY_OPTIONS = [
  { value: '', word: 'any' },
  ...SEVERITIES.slice(0, 4).map(({ level, word }) => ({
    value: `>=${level}`,
    word: level === 4 ? word : `${word} or worse`,
  })),
];

function Findings({ taskId, results }: { taskId: string; results: ShownResults }): JSX.Element {
  const { query, findings, pages, total: all, problem } = results;
  const base = `/scans/${taskId}`;
  const to = (page: number): string => `${withQuery(base, { ...query, page })}#findings`;
  return (
    <section id="findings">
      <h2>Findings</h2>
      <FilterForm action={`${base}#findings`}>
        <SelectField word="Severity" name="severity" value={query.severity} options={SEVERITY_OPTIONS} />
        <TextField word="Host" name="host" value={query.host} />
        <TextField word="Plugin" name="text" value={query.text} placeholder="name or id" />
        <TextField word="CVE" name="cve" value={query.cve} />
        <TextField
          word="Filters as JSON"
          name="filters"
          value={query.filters}
          placeholder={'{"exploit_available": true}'}
        />
      </FilterForm>
      <Problem text={problem} />
      <Table
        caption={`${all} findings, worst first`}
        head={['Severity', 'Plugin', 'Host', 'Port', 'CVSS']}
        empty={results.empty === undefined ? 'No findings match.' : emptyText(results.empty)}
        rows={findings.map((finding) => {
          const { key, word } = severityOfLevel(finding.severity);
          const page = findingPath(taskId, finding);
          return [
            <span class={`chip ${key}`}>{word}</span>,
            <a href={page}>{cleanText(finding.plugin_name, 160)}</a>,
            cleanText(finding.host, 100),
            `${finding.port}/${cleanText(finding.protocol, 10)}`,
            finding.score,
          ];
        })}
      />
      <Pages label="Pages of findings" page={query.page} pages={pages} to={to} />
    </section>
  );
}

/** Such as `{"port":"8443"} selects none of the findings; near are the values of port there: 443, 80`. */
function emptyText({ why, near }: NonNullable<ShownResults['empty']>): string {
  return cleanText(near.length === 0 ? `${why}.` : `${why}: ${near.join(', ')}.`, 800);
}

/** JSON-NL is for programs, which use the tools. */
const DASHBOARD_FORMATS = EXPORT_FORMATS.filter((format) => format !== 'jsonl');

function Exports({ base, earlier }: { base: string; earlier: readonly Task[] }): JSX.Element {
  return (
    <section>
      <h2>Export and compare</h2>
      <p class="buttons">
        {DASHBOARD_FORMATS.map((format) => (
          <a class="button" href={`${base}/export/${format}`} download>
            {format}
          </a>
        ))}
      </p>
      {earlier.length > 0 ? (
        <FilterForm action={`${base}/compare`} submit="Compare">
          <SelectField word="Severity" name="severity" value={undefined} options={SEVERITY_OPTIONS} />
          <SelectField
            word="Earlier scan"
            name="with"
            value={undefined}
            options={earlier.map(({ task_id, payload, ran, created_at }) => ({
              value: task_id,
              word: `${(payload.name || task_id).slice(0, 60)}, ${(ran?.scan_start ?? created_at).slice(0, 10)}`,
            }))}
          />
        </FilterForm>
      ) : null}
    </section>
  );
}
