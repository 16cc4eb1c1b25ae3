import { type FixPlan, getFixPlan, getNetwork, getTrend, searchAssets, searchFindings } from '@nmcp/scans';
import { TABLE_FORMATS, type TableReport, writeTables } from '@nmcp/schema';
import {
  type Filters,
  NmcpError,
  parseInput,
  SearchAssetsInputSchema,
  type SearchFindingsInput,
  SearchFindingsInputSchema,
} from '@nmcp/types';
import { AgedFindingPage } from '../pages/aged_finding_page.tsx';
import { AssetPage } from '../pages/asset_page.tsx';
import { AssetsPage } from '../pages/assets_page.tsx';
import { FixFirstPage } from '../pages/fix_first_page.tsx';
import { NetworkPage } from '../pages/network_page.tsx';
import { VulnerabilitiesPage } from '../pages/vulnerabilities_page.tsx';
import { VulnerabilityPage } from '../pages/vulnerability_page.tsx';
import { agedFindings } from './aged_findings.ts';
import type { AddRoutes } from './dashboard_env.ts';
import { page, pageNumber, queryOf, signalOf, unlessWrong } from './respond.ts';

const PLACE = ['network', 'tag', 'owner'] as const;
/** Findings, and assets, on a page. */
const A_PAGE = 25;
/** Vulnerabilities in a list. */
const GROUPS = 100;
/** Owners of what is overdue. */
const OWNERS = 10;
/** Steps of the plan. */
const STEPS = 20;
const MOST_STEPS = 50;
/** Characters of what a finding said: all that the inventory keeps. */
const WHOLE_TEXT = 65_536;
const ABOVE_INFO: Filters = { severity: '>=1' };

/** The network over time: how it stands, assets, vulnerabilities, the plan. */
export const addNetwork: AddRoutes = (app, services) => {
  app.get('/network', async (c) => {
    const [caller, signal, place] = [c.get('caller'), signalOf(c), queryOf(c, PLACE)];
    const { answer: shown, problem } = await unlessWrong(async () => {
      const [network, trend, overdue] = await Promise.all([
        getNetwork(services, caller, place, signal),
        getTrend(services, caller, place, signal),
        searchFindings(
          services,
          caller,
          asked({ ...place, overdue: true, group_by: 'owner', top: OWNERS, filters: ABOVE_INFO }),
          signal,
        ),
      ]);
      return 'groups' in overdue ? { network, trend, overdue } : undefined;
    });
    return page(c, <NetworkPage {...{ caller, place, shown, problem }} />);
  });

  app.get('/network/assets', async (c) => {
    const caller = c.get('caller');
    const given = queryOf(c, [...PLACE, 'os', 'software', 'service', 'port', 'login']);
    const query = { ...given, page: pageNumber(c.req.query('page')) };
    const { answer: found, problem } = await unlessWrong(() => {
      const port = given.port === undefined ? {} : { port: Number(given.port) };
      const input = parseInput(SearchAssetsInputSchema, { ...query, ...port, page_size: A_PAGE }, 'Assets');
      return searchAssets(services, caller, input, signalOf(c));
    });
    return page(c, <AssetsPage {...{ caller, query, found, problem }} />);
  });

  app.get('/network/assets/:zone/:identity', async (c) => {
    const [caller, signal, asset] = [c.get('caller'), signalOf(c), c.req.param()];
    const { state, severity } = queryOf(c, ['state', 'severity']);
    const [{ assets }, aged] = await Promise.all([
      searchAssets(services, caller, { asset, page: 1, page_size: 1 }, signal),
      agedFindings(
        services,
        caller,
        {
          ...asked({ ...(state ? { state } : {}), filters: severity ? { severity } : ABOVE_INFO }),
          ...{ asset, page: pageNumber(c.req.query('page')), page_size: A_PAGE },
        },
        signal,
      ),
    ]);
    const [found] = assets;
    if (!found)
      throw new NmcpError('not_found', 'No scan that you may read has reached that asset', {
        title: 'Asset not found',
      });
    return page(c, <AssetPage {...{ caller, state, aged }} asset={found} />);
  });

  app.get('/network/assets/:zone/:identity/findings/:key', async (c) => {
    const [caller, { key, ...asset }] = [c.get('caller'), c.req.param()];
    const query = { ...asked({ state: 'all', max_text: WHOLE_TEXT }), asset, key };
    const [finding] = (await agedFindings(services, caller, query, signalOf(c))).findings;
    if (!finding)
      throw new NmcpError('not_found', 'No scan that you may read has seen that finding', {
        title: 'Finding not found',
      });
    return page(c, <AgedFindingPage {...{ caller, finding }} />);
  });

  app.get('/network/vulnerabilities', async (c) => {
    const caller = c.get('caller');
    const names = ['by', 'severity', 'text', 'cve', 'state', 'since', 'kev', 'overdue'] as const;
    const query = queryOf(c, [...PLACE, ...names]);
    const { answer: counted, problem } = await unlessWrong(async () => {
      const { by, severity = '>=1', text, cve, kev, overdue, ...rest } = query;
      const filters: Filters = {
        severity,
        ...(text ? { plugin_name: text } : {}),
        ...(cve ? { cve } : {}),
      };
      const flags = { ...(kev ? { kev: true } : {}), ...(overdue ? { overdue: true } : {}) };
      const group_by = by === 'cve' ? 'cve' : 'plugin';
      const input = asked({ ...rest, ...flags, filters, group_by, top: GROUPS });
      const found = await searchFindings(services, caller, input, signalOf(c));
      return 'groups' in found ? found : undefined;
    });
    return page(c, <VulnerabilitiesPage {...{ caller, query, counted, problem }} />);
  });

  app.get('/network/vulnerabilities/:what', async (c) => {
    const [caller, what] = [c.get('caller'), c.req.param('what')];
    const query = queryOf(c, [...PLACE, 'state']);
    const filters: Filters = /^\d+$/.test(what) ? { plugin_id: { in: [what] } } : { cve: { in: [what] } };
    const { answer: aged, problem } = await unlessWrong(() =>
      agedFindings(
        services,
        caller,
        { ...asked({ ...query, filters }), page: pageNumber(c.req.query('page')), page_size: A_PAGE },
        signalOf(c),
      ),
    );
    return page(c, <VulnerabilityPage {...{ caller, what, query, aged, problem }} />);
  });

  app.get('/network/fixes', async (c) => {
    const [caller, signal, place] = [c.get('caller'), signalOf(c), queryOf(c, PLACE)];
    const { answer, problem } = await unlessWrong(() =>
      Promise.all(
        (['steps', 'ticket'] as const).map((as) =>
          getFixPlan(services, caller, { ...place, as, top: STEPS }, signal),
        ),
      ),
    );
    const plan = answer?.find((each): each is FixPlan => 'steps' in each);
    const ticket = answer?.find((each): each is { ticket: string } => 'ticket' in each)?.ticket;
    return page(c, <FixFirstPage {...{ caller, place, plan, ticket, problem }} />);
  });

  app.get('/network/fixes/export/:format', async (c) => {
    const format = TABLE_FORMATS.find((each) => each === c.req.param('format'));
    if (format === undefined)
      throw new NmcpError('not_found', `There are ${TABLE_FORMATS.join(', ')}`, {
        title: 'Format not found',
      });
    const plan = await getFixPlan(
      services,
      c.get('caller'),
      { ...queryOf(c, PLACE), as: 'steps', top: MOST_STEPS },
      signalOf(c),
    );
    const report = 'steps' in plan ? reportOf(plan) : { title: '', sentences: [], tables: [] };
    return c.body(bytesOf(writeTables(format, report)), 200, {
      'content-type': 'application/octet-stream',
      'content-disposition': `attachment; filename="fix-first.${format}"`,
    });
  });
};

/** A query of the tool, with its defaults; without what findings said unless it is asked for. @throws {NmcpError} `invalid_input` */
function asked(query: object): SearchFindingsInput {
  return parseInput(SearchFindingsInputSchema, { max_text: 0, ...query }, 'Query');
}

/** The plan as a table. */
function reportOf({ steps, open_findings, open_hosts, order }: FixPlan): TableReport {
  const titles = [
    'Step',
    'Severity',
    'Findings',
    'Hosts',
    'Exploited',
    'Exploit known',
    'Overdue',
    'CVEs',
    'Where',
  ];
  const rows = steps.map((step) => [
    ...[step.do, step.max_severity_name, step.removes, step.hosts, step.kev, step.exploited, step.overdue],
    ...[(step.cves ?? []).join(' '), step.where],
  ]);
  return {
    title: 'Fix first',
    sentences: [`${open_findings} open findings above info on ${open_hosts} hosts; steps ${order}.`],
    tables: [{ name: 'Steps', titles, rows }],
  };
}

function bytesOf(pieces: AsyncIterable<string | Uint8Array>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return ReadableStream.from(
    (async function* () {
      for await (const piece of pieces) yield typeof piece === 'string' ? encoder.encode(piece) : piece;
    })(),
  );
}
