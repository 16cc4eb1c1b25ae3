import type { Caller } from '@nmcp/access';
import type { AssetScan, FoundAsset } from '@nmcp/scans';
import type { JSX } from 'hono/jsx/jsx-runtime';
import { Row } from './about_row.tsx';
import { type AgedFindings, AgedFindingsTable } from './aged_findings_table.tsx';
import { assetPath } from './asset_path.ts';
import { LastSeen } from './assets_page.tsx';
import { ColumnChart } from './column_chart.tsx';
import { FilterForm, SelectField } from './forms.tsx';
import { cut, Page, State, When, withQuery } from './layout.tsx';
import { Counts, SeverityTiles, severityParts } from './severities.tsx';

/** States of findings to choose from. */
export const STATE_OPTIONS: readonly { value: string; word: string }[] = [
  { value: '', word: 'open' },
  ...['fixed', 'reopened', 'accepted', 'all'].map((state) => ({ value: state, word: state })),
];

/** One asset, what is open on it, and what became of it over time. */
export function AssetPage({
  caller,
  asset,
  state,
  aged,
}: {
  caller: Caller;
  asset: FoundAsset;
  state: string | undefined;
  aged: AgedFindings;
}): JSX.Element {
  const path = assetPath(asset);
  const history = asset.history ?? [];
  return (
    <Page title={cut(asset.host, 120)} caller={caller} here="/network/assets">
      <dl class="about">
        <Row word="Zone">{asset.zone}</Row>
        {asset.identity ? <Row word="Known by">{cut(asset.identity, 200)}</Row> : null}
        {asset.fqdn ? <Row word="Name">{cut(asset.fqdn, 200)}</Row> : null}
        {asset.os ? <Row word="System">{cut(asset.os, 200)}</Row> : null}
        {asset.device_type ? <Row word="Kind">{cut(asset.device_type, 100)}</Row> : null}
        {asset.owner ? <Row word="Owner">{cut(asset.owner, 200)}</Row> : null}
        {asset.tags ? <Row word="Tags">{asset.tags.join(', ')}</Row> : null}
        <Row word="Login">
          <State word={asset.login} />
        </Row>
        <Row word="First reached">
          <When at={asset.first_seen} />
        </Row>
        <Row word="Last reached">
          <LastSeen asset={asset} />
        </Row>
        {asset.away_since ? (
          <Row word="Missed">
            A scan was aimed at it on <When at={asset.away_since} /> and did not reach it
          </Row>
        ) : null}
      </dl>
      <SeverityTiles
        counts={asset.open}
        otherwise=""
        link={(level) => withQuery(path, { severity: `=${level}` })}
      />
      <section aria-labelledby="findings">
        <h2 id="findings">Findings</h2>
        <FilterForm action={path}>
          <SelectField word="State" name="state" value={state} options={STATE_OPTIONS} />
        </FilterForm>
        <AgedFindingsTable
          names="findings"
          caption={`${aged.total} findings, the most urgent first`}
          aged={aged}
          to={(page) => withQuery(path, { state, page })}
        />
      </section>
      <History history={history} leftOut={asset.scans_left_out ?? 0} />
      <div class="columns">
        <Listing id="services" word="Services" texts={asset.services} />
        <Listing id="software" word="Software" texts={asset.software} />
      </div>
    </Page>
  );
}

function History({ history, leftOut }: { history: readonly AssetScan[]; leftOut: number }): JSX.Element {
  return (
    <section aria-labelledby="history">
      <h2 id="history">History</h2>
      <ColumnChart
        title="Open findings after each day with a scan"
        columns={history
          .toReversed()
          .flatMap(({ at, open }) => (open ? [{ word: at.slice(0, 10), parts: severityParts(open) }] : []))}
      />
      <ol class="timeline" reversed>
        {history.map((scan) => (
          <li>
            <When at={scan.at} />{' '}
            {scan.open ? (
              <>
                <Counts counts={{ ...scan.open, info: 0 }} />{' '}
              </>
            ) : null}
            {scan.task_id ? (
              <a href={`/scans/${scan.task_id}`}>{cut(scan.scan_name || scan.task_id, 60)}</a>
            ) : null}
            {changesOf(scan)}; login: {scan.login}
          </li>
        ))}
      </ol>
      {leftOut > 0 ? <p class="notice">{leftOut} earlier scans reached it.</p> : null}
    </section>
  );
}

function changesOf({ open, new: opened = 0, fixed = 0, reopened = 0 }: AssetScan): string {
  if (!open) return '';
  const said = [
    ...(opened > 0 ? [`${opened} new`] : []),
    ...(reopened > 0 ? [`${reopened} back`] : []),
    ...(fixed > 0 ? [`${fixed} fixed`] : []),
  ];
  return said.length === 0 ? ': nothing changed' : `: ${said.join(', ')}`;
}

function Listing({
  id,
  word,
  texts,
}: {
  id: string;
  word: string;
  texts: readonly string[] | undefined;
}): JSX.Element {
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>{word}</h2>
      {texts?.length ? (
        <ul class="listing">
          {texts.map((text) => (
            <li>{cut(text, 200)}</li>
          ))}
        </ul>
      ) : (
        <p class="empty">None is known.</p>
      )}
    </section>
  );
}
