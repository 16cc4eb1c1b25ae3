import {
  answerApproval,
  cancelScan,
  listCredentials,
  listPools,
  mayCall,
  previewScan,
  type ScanPreview,
  type Services,
  type SubmittedScan,
  submitAuthenticatedScan,
  submitScan,
} from '@nmcp/scans';
import {
  isNmcpError,
  parseInput,
  RunAuthenticatedScanInputSchema,
  RunUntrustedScanInputSchema,
} from '@nmcp/types';
import { type NewScanFields, NewScanPage } from '../pages/new_scan_page.tsx';
import type { AddRoutes, DashboardContext } from './dashboard_env.ts';
import { type FormFields, page, pageStatus, readForm } from './respond.ts';

/** Forms that submit, cancel, approve or refuse a scan. */
export const addSubmissions: AddRoutes = (app, services) => {
  app.get('/scans/new', (c) =>
    newScanPage(
      c,
      services,
      fieldsOf({ targets: c.req.query('targets') ?? '', name: c.req.query('name') ?? '' }),
    ),
  );

  // the first button checks against the policy and submits nothing
  app.post('/scans/new', async (c) => {
    const fields = fieldsOf(await readForm(c));
    return await withProblems(c, services, fields, async () => {
      requestOf(fields); // reports a wrong name, too
      const preview = await previewScan(services, c.get('caller'), {
        targets: fields.targets,
        scanner_pool: fields.pool,
        credential_ref: fields.credential || undefined,
      });
      return await newScanPage(c, services, fields, { preview });
    });
  });

  // the second button submits
  app.post('/scans', async (c) => {
    const form = await readForm(c);
    const fields = fieldsOf(form);
    return await withProblems(c, services, fields, async () => {
      const { task } = await submit(c, services, fields, form.key);
      return c.redirect(`/scans/${task.task_id}`, 303);
    });
  });

  app.post('/scans/:id/cancel', async (c) => {
    await readForm(c);
    const { outcome, task } = await cancelScan(services, c.get('caller'), { task_id: c.req.param('id') });
    return c.redirect(`/scans/${task.task_id}?outcome=${outcome}`, 303);
  });

  app.post('/scans/:id/approval', async (c) => {
    const { answer } = await readForm(c);
    const { task } = await answerApproval(services, c.get('caller'), {
      task_id: c.req.param('id'),
      answer: answer === 'yes' ? 'yes' : 'no',
      asked_in: 'the dashboard',
    });
    return c.redirect(`/scans/${task.task_id}`, 303);
  });
};

function fieldsOf(form: FormFields): NewScanFields {
  const { targets = '', name = '', pool = '', credential = '' } = form;
  return { targets: targets.trim(), name: name.trim(), pool, credential };
}

/** The request of a form; targets on several lines become a comma-separated list. */
function requestOf({ targets, name, pool }: NewScanFields): object {
  const request = {
    targets: targets.replaceAll(/\s*\r?\n\s*/g, ', '),
    name,
    ...(pool === '' ? {} : { scanner_pool: pool }),
  };
  parseInput(RunUntrustedScanInputSchema, request, 'New scan');
  return request;
}

function submit(
  c: DashboardContext,
  services: Services,
  fields: NewScanFields,
  idempotency_key: string | undefined,
): Promise<SubmittedScan> {
  const caller = c.get('caller');
  const request = { ...requestOf(fields), ...(idempotency_key ? { idempotency_key } : {}) };
  if (fields.credential === '')
    return submitScan(services, caller, parseInput(RunUntrustedScanInputSchema, request, 'New scan'));
  const login = { credential_ref: fields.credential, scan_type: 'authenticated' };
  const input = parseInput(RunAuthenticatedScanInputSchema, { ...request, ...login }, 'New scan');
  return submitAuthenticatedScan(services, caller, input);
}

/** A rejected form shows why, and keeps what was typed. */
async function withProblems(
  c: DashboardContext,
  services: Services,
  fields: NewScanFields,
  action: () => Promise<Response>,
): Promise<Response> {
  try {
    return await action();
  } catch (error) {
    if (!isNmcpError(error) || error.status >= 500) throw error;
    return await newScanPage(c, services, fields, { problem: error });
  }
}

async function newScanPage(
  c: DashboardContext,
  services: Services,
  fields: NewScanFields,
  shown: { preview?: ScanPreview; problem?: Error } = {},
): Promise<Response> {
  const caller = c.get('caller');
  const { preview, problem } = shown;
  const { pools, default_pool } = await listPools(services, caller, {});
  const credentials = mayCall(services, caller, submitAuthenticatedScan)
    ? await listCredentials(services, caller, {})
    : [];
  const content = (
    <NewScanPage
      {...{ caller, pools, credentials, preview }}
      fields={{ ...fields, pool: fields.pool || default_pool }}
      formToken={c.get('formToken')}
      problem={problem?.message}
      refusal={mayCall(services, caller, submitScan) ? undefined : 'Your token may not start scans here.'}
    />
  );
  return await page(c, content, isNmcpError(problem) ? pageStatus(problem) : 200);
}
