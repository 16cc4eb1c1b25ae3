import { owns } from '@nmcp/access';
import {
  cancelScan,
  compareScans,
  type FindingsPage,
  findApprovalQuestion,
  findEarlier,
  findFindings,
  getFinding,
  getScan,
  getScanReport,
  listScans,
  mayCall,
  type ScanReport,
  type Services,
  submitScan,
  whyScanWaits,
} from '@nmcp/scans';
import { type Filters, isNmcpError, parseFilters, SCAN_STATES } from '@nmcp/types';
import { ComparePage } from '../pages/compare_page.tsx';
import { FindingPage } from '../pages/finding_page.tsx';
import { type FindingsQuery, isAsked } from '../pages/findings_filter.tsx';
import { rowOf } from '../pages/findings_table.tsx';
import { ScanPage } from '../pages/scan_page.tsx';
import type { ShownResults } from '../pages/scan_results.tsx';
import { SCANS_A_PAGE, ScansPage } from '../pages/scans_page.tsx';
import type { AddRoutes, DashboardContext } from './dashboard_env.ts';
import { page, pageNumber, signalOf } from './respond.ts';

/** Findings on a page. */
const FINDINGS_A_PAGE = 25;
/** Fields that a scan does not have are left out. */
const WORST_FIRST = ['-severity', '-exploit_available', '-cvss_score'];
/** Findings of each kind in a comparison. */
const COMPARED = 20;

/** Lists of scans, and one scan with its findings. */
export const addScans: AddRoutes = (app, services) => {
  app.get('/scans', async (c) => {
    const caller = c.get('caller');
    const query = {
      status: c.req.query('status') || undefined,
      targets: c.req.query('targets') || undefined,
      text: c.req.query('text') || undefined,
      page: pageNumber(c.req.query('page')),
    };
    let problem: string | undefined;
    const status = SCAN_STATES.find((state) => state === query.status);
    const { targets, text } = query;
    const part = { limit: SCANS_A_PAGE, offset: (query.page - 1) * SCANS_A_PAGE };
    const asked = { status, targets, text, ...part };
    const found = await listScans(services, caller, asked).catch((error: unknown) => {
      if (!isNmcpError(error, 'invalid_input')) throw error;
      problem = error.message; // the filters are shown with the error
      return { tasks: [], total: 0 };
    });
    const { tasks, total } = found;
    const earlier = await findEarlier(services, caller, { tasks });
    const mayScan = mayCall(services, caller, submitScan);
    return page(c, <ScansPage {...{ caller, query, problem, tasks, earlier, mayScan, total }} />);
  });

  app.get('/scans/:id', async (c) => {
    const caller = c.get('caller');
    const task_id = c.req.param('id');
    const task = await getScan(services, caller, { task_id });
    if (task.status === 'completed' || task.partial) {
      const results = await shownResults(c, services, task_id);
      return page(c, <ScanPage {...{ task, caller, results }} />);
    }
    const question = await findApprovalQuestion(services, caller, { task_id });
    const forms = {
      formToken: c.get('formToken'),
      mayCancel: owns(caller, task.owner) && mayCall(services, caller, cancelScan),
      question,
    };
    const waits = await whyScanWaits(services, caller, { task_id });
    return page(c, <ScanPage {...{ task, caller, forms, waits }} outcome={c.req.query('outcome')} />);
  });

  app.get('/scans/:id/hosts/:host/plugins/:plugin', async (c) => {
    const caller = c.get('caller');
    const { id: task_id, host, plugin: plugin_id } = c.req.param();
    const { task, findings } = await getFinding(services, caller, { task_id, host, plugin_id }, signalOf(c));
    return page(c, <FindingPage {...{ task, host, findings, caller }} />);
  });

  app.get('/scans/:id/compare', async (c) => {
    const caller = c.get('caller');
    const compared = await compareScans(
      services,
      caller,
      {
        earlier_task_id: c.req.query('with') ?? '',
        later_task_id: c.req.param('id'),
        top: COMPARED,
        severity: c.req.query('severity') || undefined,
      },
      signalOf(c),
    );
    return page(c, <ComparePage {...compared} caller={caller} />);
  });
};

async function shownResults(c: DashboardContext, services: Services, task_id: string): Promise<ShownResults> {
  const query = {
    severity: c.req.query('severity') || undefined,
    host: c.req.query('host') || undefined,
    text: c.req.query('text') || undefined,
    cve: c.req.query('cve') || undefined,
    exploit: c.req.query('exploit') || undefined,
    port: c.req.query('port') || undefined,
    filters: c.req.query('filters') || undefined,
    page: pageNumber(c.req.query('page')),
  };
  const report = await getScanReport(services, c.get('caller'), { task_id }, signalOf(c));
  try {
    const pages = Math.max(1, Math.ceil(report.summary.findings_above_info / FINDINGS_A_PAGE));
    const asked = isAsked(query) ? query : { ...query, page: Math.min(query.page, pages) };
    const found = await findingsOf(c, services, task_id, asked, report.fields);
    const { findings, ...rest } = isAsked(query) ? found : aboveInfo(found, report);
    return { ...report, ...rest, query: asked, findings: findings.map(rowOf) };
  } catch (error) {
    if (!isNmcpError(error)) throw error;
    // an error in the filters is shown beside them
    return { ...report, query, findings: [], total: 0, pages: 1, problem: error.message };
  }
}

/** Without informational findings, which are the last in the order: so nothing has to be selected of a million. */
function aboveInfo(page: FindingsPage, { summary }: ScanReport): FindingsPage {
  const total = summary.findings_above_info;
  return {
    findings: page.findings.filter(({ severity }) => severity !== '0'),
    total,
    pages: Math.max(1, Math.ceil(total / FINDINGS_A_PAGE)),
    ...(total === 0
      ? { empty: { condition: { severity: '>=1' }, why: 'Nothing above info was found', near: [] } }
      : {}),
  };
}

async function findingsOf(
  c: DashboardContext,
  services: Services,
  task_id: string,
  query: FindingsQuery,
  fields: readonly string[],
): Promise<FindingsPage> {
  const { severity, host, text, cve, exploit, port, filters: more, page: number } = query;
  const simple: Filters = {
    ...(severity ? { severity } : {}),
    ...(exploit === 'yes' ? { exploit_available: true } : {}),
    ...(port ? { port } : {}),
    ...(host ? { host } : {}),
    ...(text ? (/^\d+$/.test(text) ? { plugin_id: { in: [text] } } : { plugin_name: text }) : {}),
    ...(cve ? { cve } : {}),
  };
  const filters = more === undefined ? simple : { all: [simple, parseFilters(more, 'The filter')] };
  return await findFindings(
    services,
    c.get('caller'),
    {
      task_id,
      filters,
      sort: WORST_FIRST.filter((key) => fields.includes(key.slice(1))),
      page: number,
      page_size: FINDINGS_A_PAGE,
    },
    signalOf(c),
  );
}
