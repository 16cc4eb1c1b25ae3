import type { Caller } from '@nmcp/access';
import type { FoundAsset, FoundAssets } from '@nmcp/scans';
import type { JSX } from 'hono/jsx/jsx-runtime';
import { assetPath } from './asset_path.ts';
import { HostName } from './findings_table.tsx';
import { SelectField, TextField } from './forms.tsx';
import { cut, Page, Pages, State, When, withQuery } from './layout.tsx';
import { PlaceFilter, type PlaceQuery } from './place_filter.tsx';
import { Problem } from './problem.tsx';
import { Counts } from './severities.tsx';
import { Table } from './table.tsx';

/** Which assets are shown. */
export interface AssetsQuery extends PlaceQuery {
  os?: string | undefined;
  software?: string | undefined;
  service?: string | undefined;
  port?: string | undefined;
  login?: string | undefined;
  page: number;
}

/** How a login can go. */
export const LOGIN_OUTCOMES = ['success', 'partial', 'failed', 'none'] as const;
const LOGIN_OPTIONS = [
  { value: '', word: 'any' },
  ...LOGIN_OUTCOMES.map((outcome) => ({ value: outcome, word: outcome })),
];

/** Assets, those with the worst findings first. */
export function AssetsPage({
  caller,
  query,
  found,
  problem,
}: {
  caller: Caller;
  query: AssetsQuery;
  found?: FoundAssets | undefined;
  problem?: string | undefined;
}): JSX.Element {
  return (
    <Page title="Assets" caller={caller} here="/network/assets">
      <PlaceFilter action="/network/assets" place={query}>
        <TextField word="Operating system" name="os" value={query.os} placeholder="Windows Server" />
        <TextField word="Software" name="software" value={query.software} placeholder="openssh < 9.8" />
        <TextField word="Service" name="service" value={query.service} placeholder="www" />
        <TextField word="Open port" name="port" value={query.port} placeholder="443" />
        <SelectField word="Login" name="login" value={query.login} options={LOGIN_OPTIONS} />
      </PlaceFilter>
      <Problem text={problem} />
      {found ? <Found query={query} found={found} /> : null}
    </Page>
  );
}

function Found({ query, found }: { query: AssetsQuery; found: FoundAssets }): JSX.Element {
  const { assets, matching_assets, total_assets, page, total_pages, why_empty, near = [] } = found;
  const withMatches = query.software !== undefined;
  const empty = `${why_empty ?? 'There are none'}.${near.length > 0 ? ` There are: ${near.join(', ')}.` : ''}`;
  return (
    <>
      <Table
        dense
        caption={`${matching_assets} of ${total_assets} assets, those with the worst findings first`}
        head={[
          { word: 'Asset', kind: 'fixed' },
          'Name and system',
          ...(withMatches ? ['Software'] : []),
          { word: 'Critical, high, medium, low', kind: 'fixed' },
          { word: 'Login', kind: 'fixed' },
          'Owner and tags',
          { word: 'Last reached', kind: 'fixed' },
        ]}
        empty={cut(empty, 600)}
        rows={assets.map((asset) => [
          <a href={assetPath(asset)}>
            <HostName host={asset.host} />
          </a>,
          cut(nameOf(asset), 120),
          ...(withMatches ? [cut((asset.matches ?? []).join(', '), 120)] : []),
          <Counts counts={asset.open} />,
          <State word={asset.login} />,
          cut([asset.owner ?? [], asset.tags ?? []].flat().join(', ') || '–', 80),
          <LastSeen asset={asset} />,
        ])}
      />
      <Pages
        label="Pages of assets"
        page={page}
        pages={total_pages}
        to={(number) => withQuery('/network/assets', { ...query, page: number })}
      />
    </>
  );
}

function nameOf({ fqdn, os, device_type, zone }: FoundAsset): string {
  return [fqdn, os, device_type, `zone ${zone}`].filter(Boolean).join(', ');
}

/** When a scan reached an asset, and whether one has missed it since. */
export function LastSeen({ asset }: { asset: FoundAsset }): JSX.Element {
  return (
    <>
      <When at={asset.last_seen} />
      {asset.away_since ? (
        <>
          {' '}
          <State word="away" />
        </>
      ) : null}
    </>
  );
}
