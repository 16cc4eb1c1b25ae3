import type { Caller } from '@nmcp/access';
import type { FindingGroup, ScanSummary } from '@nmcp/results';
import { cleanText, EXPORTERS } from '@nmcp/schema';
import type { Task } from '@nmcp/types';
import type { Child } from 'hono/jsx';
import type { JSX } from 'hono/jsx/jsx-runtime';
import { Meter, SeverityDonut, StackedBar } from './charts.tsx';
import { Page, Pages, State, Table, When, withQuery } from './layout.tsx';
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

/** What is known of a completed scan. */
export interface ScanResults {
  summary: ScanSummary;
  /** Whether the scanner could log in, by host. */
  logins: Readonly<Record<string, string>>;
  query: FindingsQuery;
  findings: FindingRow[];
  total: number;
  pages: number;
  /** Earlier completed scans that it can be compared with. */
  others: readonly Task[];
  problem?: string | undefined;
}

/** One scan. */
export function ScanPage({
  task,
  caller,
  results,
  problem,
}: {
  task: Task;
  caller: Caller;
  results?: ScanResults | undefined;
  problem?: string | undefined;
}): JSX.Element {
  const { task_id, status, payload } = task;
  const isOpen = status === 'queued' || status === 'running';
  return (
    <Page
      title={payload.name || task_id}
      caller={caller}
      here="/scans"
      live={isOpen ? `/events?scan=${task_id}` : undefined}
    >
      <div id="live" aria-live="polite">
        <dl class="about">
          <Row word="State">
            <State word={status} />
            {status === 'running' ? (
              <span class="progress">
                <Meter percent={task.progress ?? 0} label={`${task.progress ?? 0} percent done`} />{' '}
                {task.progress ?? 0} %
              </span>
            ) : null}
          </Row>
          <Row word="Targets">{payload.targets.slice(0, 2000)}</Row>
          <Row word="Scanner">
            {task.scanner_pool}
            {task.scanner_instance_id ? `:${task.scanner_instance_id}` : ''}
          </Row>
          <Row word="Asked for">
            <When at={task.created_at} /> by {task.owner ?? 'nobody'}
          </Row>
          <Row word="Ended">
            <When at={task.completed_at} />
          </Row>
          {task.authentication_status ? <Row word="Credentials">{task.authentication_status}</Row> : null}
          {task.error_message ? <Row word="Why">{task.error_message}</Row> : null}
          <Row word="Id">{task_id}</Row>
        </dl>
      </div>
      {problem ? (
        <p class="problem" role="alert">
          {problem}
        </p>
      ) : null}
      {results ? <Results task={task} results={results} /> : null}
    </Page>
  );
}

function Row({ word, children }: { word: string; children: Child }): JSX.Element {
  return (
    <div>
      <dt>{word}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Results({ task, results }: { task: Task; results: ScanResults }): JSX.Element {
  const { summary } = results;
  const widest = Math.max(1, ...summary.top_hosts.map((host) => total(host)));
  const base = `/scans/${task.task_id}`;
  return (
    <>
      <p class="notice">Names and texts below come from scanned hosts and plugins.</p>
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
            caption="CVEs on most hosts"
            head={['CVE', 'Severity', 'Hosts']}
            groups={summary.top_cves}
            link={({ value }) => (
              <a href={`${base}?cve=${encodeURIComponent(value)}`}>{cleanText(value, 40)}</a>
            )}
          />
        </div>
        <Credentials summary={summary} logins={results.logins} />
      </section>
      <Findings base={base} results={results} />
      <Exports base={base} others={results.others} />
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
      empty="There are none."
      rows={groups.map((group) => {
        const { key, word } = severityOfLevel(group.max_severity);
        return [link(group), <span class={`chip ${key}`}>{word}</span>, String(group.hosts)];
      })}
    />
  );
}

/** Hosts in the table of credentials, those that need a look first. */
const LOGINS_SHOWN = 50;
const OUTCOMES = ['failed', 'partial', 'success'];

function Credentials({
  summary: { authentication },
  logins,
}: {
  summary: ScanSummary;
  logins: ScanResults['logins'];
}): JSX.Element | null {
  if (authentication.status === 'not_applicable') return null;
  const { success, partial, failed } = authentication;
  const worstFirst = Object.entries(logins).sort(([, a], [, b]) => OUTCOMES.indexOf(a) - OUTCOMES.indexOf(b));
  return (
    <div>
      <h2>Credentials</h2>
      <p>
        Worked on {success} hosts, in part on {partial}, failed on {failed}.
      </p>
      <Table
        caption="Credentials by host"
        head={['Host', 'Outcome']}
        empty="No host was tried."
        rows={worstFirst
          .slice(0, LOGINS_SHOWN)
          .map(([host, outcome]) => [cleanText(host, 100), <State word={outcome} />])}
      />
    </div>
  );
}

function Findings({ base, results }: { base: string; results: ScanResults }): JSX.Element {
  const { query, findings, pages, total: all, problem } = results;
  const to = (page: number): string => `${withQuery(base, { ...query, page })}#findings`;
  return (
    <section id="findings">
      <h2>Findings</h2>
      <form method="get" action={`${base}#findings`} class="filters">
        <label>
          Severity{' '}
          <select name="severity">
            <option value="">any</option>
            {SEVERITIES.slice(0, 4).map(({ level, word }) => (
              <option value={`>=${level}`} selected={query.severity === `>=${level}`}>
                {level === 4 ? word : `${word} or worse`}
              </option>
            ))}
          </select>
        </label>
        <label>
          Host <input name="host" value={query.host ?? ''} />
        </label>
        <label>
          Plugin <input name="text" value={query.text ?? ''} placeholder="name or id" />
        </label>
        <label>
          CVE <input name="cve" value={query.cve ?? ''} />
        </label>
        <label>
          Filters as JSON{' '}
          <input name="filters" value={query.filters ?? ''} placeholder={'{"exploit_available": true}'} />
        </label>
        <button type="submit">Show</button>
      </form>
      {problem ? (
        <p class="problem" role="alert">
          {problem}
        </p>
      ) : null}
      <Table
        caption={`${all} findings, worst first`}
        head={['Severity', 'Plugin', 'Host', 'Port', 'CVSS']}
        empty="No finding matches."
        rows={findings.map((finding) => {
          const { key, word } = severityOfLevel(finding.severity);
          const page = `${base}/hosts/${encodeURIComponent(finding.host)}/plugins/${finding.plugin_id}`;
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

function Exports({ base, others }: { base: string; others: readonly Task[] }): JSX.Element {
  return (
    <section>
      <h2>Export and compare</h2>
      <p class="buttons">
        {['nessus', ...Object.keys(EXPORTERS)].map((format) => (
          <a class="button" href={`${base}/export/${format}`} download>
            {format}
          </a>
        ))}
      </p>
      {others.length > 0 ? (
        <form method="get" action={`${base}/compare`} class="filters">
          <label>
            Earlier scan{' '}
            <select name="with">
              {others.map((task) => (
                <option value={task.task_id}>
                  {(task.payload.name || task.task_id).slice(0, 60)}, {task.created_at.slice(0, 10)}
                </option>
              ))}
            </select>
          </label>
          <button type="submit">Compare</button>
        </form>
      ) : null}
    </section>
  );
}
