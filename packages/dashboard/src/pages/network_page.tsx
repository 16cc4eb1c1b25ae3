import type { Caller } from '@nmcp/access';
import type { CountedFindings, NetworkSummary, Trend, TrendWeek } from '@nmcp/scans';
import type { JSX } from 'hono/jsx/jsx-runtime';
import { Meter } from './charts.tsx';
import { ColumnChart } from './column_chart.tsx';
import { Page, withQuery } from './layout.tsx';
import { PlaceFilter, type PlaceQuery } from './place_filter.tsx';
import { Problem } from './problem.tsx';
import { ABOVE_INFO, Counts, SeverityTiles, severityParts } from './severities.tsx';
import { Table } from './table.tsx';
import { verdict } from './verdict.ts';

/** What is known of a network. */
export interface ShownNetwork {
  network: NetworkSummary;
  trend: Trend;
  /** What is overdue, by owner. */
  overdue: CountedFindings;
}

/** How the network fares over time: open findings, new and fixed ones, coverage, what is overdue. */
export function NetworkPage({
  caller,
  place,
  shown,
  problem,
}: {
  caller: Caller;
  place: PlaceQuery;
  shown?: ShownNetwork | undefined;
  problem?: string | undefined;
}): JSX.Element {
  return (
    <Page title="Network" caller={caller} here="/network">
      <PlaceFilter action="/network" place={place} />
      <Problem text={problem} />
      {shown?.network.why_empty ? <p class="empty">{shown.network.why_empty}.</p> : null}
      {shown && shown.network.assets > 0 ? <Standing place={place} shown={shown} /> : null}
    </Page>
  );
}

function Standing({
  place,
  shown: { network, trend, overdue },
}: {
  place: PlaceQuery;
  shown: ShownNetwork;
}): JSX.Element {
  const { word, text } = verdict(network.change);
  const link = (level: number): string =>
    withQuery('/network/vulnerabilities', { ...place, severity: `=${level}` });
  return (
    <>
      <section aria-labelledby="open">
        <h2 id="open">Open findings</h2>
        <p class={`verdict ${word}`}>{text}</p>
        <SeverityTiles counts={network.open} change={network.change?.by} otherwise="" link={link} />
        {network.kev > 0 ? (
          <p>
            <span class="mark">Exploited</span>{' '}
            <a href={withQuery('/network/vulnerabilities', { ...place, kev: 'yes' })}>
              {network.kev} open findings
            </a>{' '}
            are on CISA’s list of exploited vulnerabilities.
          </p>
        ) : null}
        <p class="notice">
          CISA’s list is {network.feeds?.kev ? `of ${network.feeds.kev}` : 'as the reports have it'}, EPSS{' '}
          {network.feeds?.epss ? `of ${network.feeds.epss}` : 'as the reports have it'}.
        </p>
      </section>
      <Weeks weeks={trend.weeks} />
      <div class="columns">
        <Coverage network={network} />
        <Overdue place={place} network={network} overdue={overdue} fix={trend.days_to_fix} />
      </div>
      <Zones network={network} />
    </>
  );
}

function Weeks({ weeks }: { weeks: readonly TrendWeek[] }): JSX.Element {
  return (
    <section aria-labelledby="weeks">
      <h2 id="weeks">By week</h2>
      <div class="columns">
        <ColumnChart
          title="Open findings at the end of each week"
          columns={weeks.map((week) => ({
            word: week.week,
            parts: severityParts(week),
          }))}
        />
        <ColumnChart
          title="New and fixed findings"
          isStacked={false}
          columns={weeks.map(({ week, new: opened, reopened, fixed }) => ({
            word: week,
            parts: [
              { kind: 'worse', word: 'New or back', value: opened + reopened },
              { kind: 'better', word: 'Fixed', value: fixed },
            ],
          }))}
        />
        <ColumnChart
          title="Assets that scans reached, and logged in to"
          isStacked={false}
          columns={weeks.map(({ week, assets_seen, logged_in }) => ({
            word: week,
            parts: [
              { kind: 'low', word: 'Reached', value: assets_seen },
              { kind: 'better', word: 'Logged in', value: logged_in },
            ],
          }))}
        />
      </div>
      <details>
        <summary>These weeks as a table</summary>
        <Table
          caption="Weeks from Monday, UTC; findings above info"
          head={[
            { word: 'Week', kind: 'fixed' },
            ...['New', 'Fixed', 'Back', 'Open'].map((word) => ({ word, kind: 'number' as const })),
            { word: 'Critical, high, medium, low', kind: 'fixed' },
            ...['Reached', 'Logged in'].map((word) => ({ word, kind: 'number' as const })),
          ]}
          empty="No week has passed."
          rows={weeks
            .toReversed()
            .map(({ week, assets_seen, logged_in, new: opened, fixed, reopened, open, ...counts }) => [
              week,
              ...[opened, fixed, reopened, open].map(String),
              <Counts counts={{ ...counts, info: 0 }} />,
              ...[assets_seen, logged_in].map(String),
            ])}
        />
      </details>
    </section>
  );
}

function Coverage({ network: { assets, assets_covered, logins } }: { network: NetworkSummary }): JSX.Element {
  const covered = percentOf(assets_covered, assets);
  const loggedIn = percentOf(logins.success, assets);
  return (
    <section aria-labelledby="coverage">
      <h2 id="coverage">Coverage</h2>
      <dl class="about">
        <div>
          <dt>Reached in 30 days</dt>
          <dd>
            {assets_covered} of {assets} assets
            <Meter percent={covered} label={`${covered} percent of the assets were reached in 30 days`} />
          </dd>
        </div>
        <div>
          <dt>Login worked</dt>
          <dd>
            {logins.success} of {assets}; in part on {logins.partial}, failed on {logins.failed}, none on{' '}
            {logins.none}
            <Meter percent={loggedIn} label={`The login worked on ${loggedIn} percent of the assets`} />
          </dd>
        </div>
      </dl>
      <p>
        <a href="/network/assets?login=failed">Where the login failed</a>
      </p>
    </section>
  );
}

function percentOf(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((100 * part) / whole);
}

function Overdue({
  place,
  network: { open, overdue: late, days_open },
  overdue,
  fix,
}: {
  place: PlaceQuery;
  network: NetworkSummary;
  overdue: CountedFindings;
  fix: Trend['days_to_fix'];
}): JSX.Element {
  return (
    <section aria-labelledby="overdue">
      <h2 id="overdue">Overdue</h2>
      <Table
        caption="Days are averages; to fix: over these weeks"
        head={[
          { word: 'Severity', kind: 'fixed' },
          ...['Overdue', 'Open', 'Days open', 'Days to fix'].map((word) => ({
            word,
            kind: 'number' as const,
          })),
        ]}
        empty=""
        rows={ABOVE_INFO.map(({ key, level, word }) => [
          word,
          late[key] > 0 ? (
            <a
              href={withQuery('/network/vulnerabilities', {
                ...place,
                severity: `=${level}`,
                overdue: 'yes',
              })}
            >
              {late[key]}
            </a>
          ) : (
            '0'
          ),
          String(open[key]),
          open[key] === 0 ? '–' : String(Math.round(days_open[key] / open[key])),
          String(fix[key] ?? '–'),
        ])}
      />
      <Table
        caption="Overdue findings by owner"
        head={['Owner', ...['Findings', 'Assets'].map((word) => ({ word, kind: 'number' as const }))]}
        empty="Nothing above info is overdue."
        rows={overdue.groups.map(({ value, findings, hosts }) => [value, String(findings), String(hosts)])}
      />
    </section>
  );
}

function Zones({ network: { zones } }: { network: NetworkSummary }): JSX.Element | null {
  const all = Object.entries(zones);
  if (all.length < 2) return null;
  return (
    <section aria-labelledby="zones">
      <h2 id="zones">Zones</h2>
      <Table
        caption="Networks that are told apart"
        head={[
          'Zone',
          { word: 'Assets', kind: 'number' },
          { word: 'Reached in 30 days', kind: 'number' },
          { word: 'Critical, high, medium, low', kind: 'fixed' },
          { word: 'Exploited', kind: 'number' },
        ]}
        empty=""
        rows={all.map(([zone, { assets, assets_covered, open, kev }]) => [
          zone,
          String(assets),
          String(assets_covered),
          <Counts counts={open} />,
          String(kev),
        ])}
      />
    </section>
  );
}
