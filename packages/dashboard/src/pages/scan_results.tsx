import {
  EXPORT_FORMATS,
  type FindingGroup,
  type FindingsPage,
  type ScanReport,
  type ScanSummary,
} from '@nmcp/scans';
import { cleanText } from '@nmcp/schema';
import type { Task } from '@nmcp/types';
import type { Child } from 'hono/jsx';
import type { JSX } from 'hono/jsx/jsx-runtime';
import { StackedBar } from './charts.tsx';
import { FindingsFilter, type FindingsQuery, isAsked, SEVERITY_OPTIONS } from './findings_filter.tsx';
import { type FindingRow, FindingsTable, HostName } from './findings_table.tsx';
import { Fixes } from './fixes.tsx';
import { FilterForm, SelectField } from './forms.tsx';
import { cut, Pages, State, withQuery } from './layout.tsx';
import { Problem } from './problem.tsx';
import { ABOVE_INFO, Chip, Counts, difference, SeverityTiles } from './severities.tsx';
import { Table } from './table.tsx';

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

/** A completed scan: what is worst, what to fix first, findings, credentials, exports. */
export function Results({ task, results }: { task: Task; results: ShownResults }): JSX.Element {
  const { summary, earlier, fixes } = results;
  const base = `/scans/${task.task_id}`;
  const before = earlier[0]?.validation_stats?.severity_breakdown;
  return (
    <>
      <section aria-labelledby="severities">
        <h2 id="severities">By severity</h2>
        <SeverityTiles
          counts={summary.severity_breakdown}
          change={before ? difference(summary.severity_breakdown, before) : undefined}
          link={(level) => `${base}?severity=%3D${level}#findings`}
        />
        <StackedBar counts={summary.severity_breakdown} title="Findings by severity" />
        {earlier[0] ? (
          <p>
            <a href={`${base}/compare?with=${earlier[0].task_id}`}>Compare with the one before</a>
          </p>
        ) : null}
      </section>
      <p class="notice">The names and texts below come from scanned hosts and plugins.</p>
      <section aria-labelledby="fix-first">
        <h2 id="fix-first">Fix first</h2>
        <Fixes fixes={fixes.slice(0, FIXES_SHOWN)} empty="Nothing to fix: nothing above info was found." />
      </section>
      <Findings taskId={task.task_id} results={results} />
      <div class="columns">
        <WorstHosts base={base} summary={summary} />
        <Groups
          title="Plugins"
          caption="By severity, then by hosts"
          word="Plugin"
          groups={summary.top_plugins}
          link={({ value, name }) => (
            <a href={`${base}?text=${encodeURIComponent(value)}#findings`}>{cut(name ?? value, 90)}</a>
          )}
        />
        <Groups
          title="CVEs"
          caption="By severity, then by hosts"
          word="CVE"
          groups={summary.top_cves}
          link={({ value }) => (
            <a href={`${base}?cve=${encodeURIComponent(value)}#findings`}>{cut(value, 40)}</a>
          )}
        />
        <Credentials summary={summary} logins={results.logins} />
      </div>
      <Exports base={base} earlier={earlier} />
    </>
  );
}

const FIXES_SHOWN = 10;

function WorstHosts({ base, summary }: { base: string; summary: ScanSummary }): JSX.Element {
  return (
    <section aria-labelledby="worst-hosts">
      <h2 id="worst-hosts">Worst hosts</h2>
      <Table
        dense
        caption={`${Math.min(summary.top_hosts.length, summary.totals.hosts)} of ${summary.totals.hosts}, by critical findings, then by high ones`}
        head={[
          { word: 'Host', kind: 'fixed' },
          { word: 'Critical, high, medium, low', kind: 'fixed' },
        ]}
        empty="No host has findings."
        rows={summary.top_hosts.map((host) => [
          <a href={`${base}?host=${encodeURIComponent(host.host)}#findings`}>
            <HostName host={host.host} />
          </a>,
          <Counts counts={host} />,
        ])}
      />
    </section>
  );
}

function Groups({
  title,
  caption,
  word,
  groups,
  link,
}: {
  title: string;
  caption: string;
  word: string;
  groups: readonly FindingGroup[];
  link: (group: FindingGroup) => Child;
}): JSX.Element {
  const id = `groups-${word.toLowerCase()}`;
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      <Table
        dense
        caption={caption}
        head={[word, { word: 'Severity', kind: 'fixed' }, { word: 'Hosts', kind: 'number' }]}
        empty="None."
        rows={groups.map((group) => [link(group), <Chip level={group.max_severity} />, String(group.hosts)])}
      />
    </section>
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
    <section aria-labelledby="credentials">
      <h2 id="credentials">Credentials</h2>
      <p>
        Worked on {success} hosts, partly on {partial}, failed on {failed}.
      </p>
      <Table
        caption="Credentials by host"
        head={[{ word: 'Host', kind: 'fixed' }, 'Outcome']}
        empty="No login was attempted."
        rows={worstFirst
          .slice(0, LOGINS_SHOWN)
          .map(([host, outcome]) => [<HostName host={host} />, <State word={outcome} />])}
      />
    </section>
  );
}

function Findings({ taskId, results }: { taskId: string; results: ShownResults }): JSX.Element {
  const { query, findings, pages, total, problem, summary } = results;
  const base = `/scans/${taskId}`;
  const to = (page: number): string => `${withQuery(base, { ...query, page })}#findings`;
  const { info } = summary.severity_breakdown;
  const above = ABOVE_INFO.reduce((sum, { key }) => sum + summary.severity_breakdown[key], 0);
  return (
    <section id="findings" aria-labelledby="findings-title">
      <h2 id="findings-title">Findings</h2>
      <FindingsFilter action={`${base}#findings`} query={query} />
      <Problem text={problem} />
      <FindingsTable
        caption={`${total} findings: the worst severity first, then what an exploit is known for, then by score`}
        taskId={taskId}
        findings={findings}
        empty={results.empty === undefined ? 'No findings match.' : emptyText(results.empty)}
      />
      <Pages label="Pages of findings" page={query.page} pages={pages} to={to} />
      {isAsked(query) ? (
        <p class="notice">
          <a href={`${base}#findings`}>All {above} findings above info</a>
        </p>
      ) : info > 0 ? (
        <p class="notice">
          <a href={`${base}?severity=%3E%3D0#findings`}>Show the {info} informational findings too</a>
        </p>
      ) : null}
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
    <section aria-labelledby="exports">
      <h2 id="exports">Export and compare</h2>
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
              word: `${cut(payload.name || task_id, 60)}, ${(ran?.scan_start ?? created_at).slice(0, 16).replace('T', ' ')} UTC`,
            }))}
          />
        </FilterForm>
      ) : null}
    </section>
  );
}
