import { acceptRisk, listAcceptedRisks, mayCall, type Services, takeBackRisk } from '@nmcp/scans';
import { isNmcpError } from '@nmcp/types';
import { AcceptedRisksPage, type RiskFields } from '../pages/accepted_risks_page.tsx';
import type { AddRoutes, DashboardContext } from './dashboard_env.ts';
import { type FormFields, page, readForm, signalOf } from './respond.ts';

/** Days that a form begins with. */
const DAYS = '90';

/** Risks that people accept and take back. */
export const addRisks: AddRoutes = (app, services) => {
  app.get('/network/risks', (c) => risksPage(c, services, {}));

  app.post('/network/risks', async (c) => {
    const fields = fieldsOf(await readForm(c));
    try {
      await acceptRisk(services, c.get('caller'), { ...fields, days: Number(fields.days) });
    } catch (error) {
      if (!isNmcpError(error, 'invalid_input')) throw error;
      return await risksPage(c, services, { fields, problem: error.message });
    }
    return c.redirect('/network/risks', 303);
  });

  app.post('/network/risks/remove', async (c) => {
    const { id = '' } = await readForm(c);
    await takeBackRisk(services, c.get('caller'), { id });
    return c.redirect('/network/risks', 303);
  });
};

function fieldsOf({ plugin, cve, host, reason = '', days = DAYS }: FormFields): RiskFields {
  const given = { plugin: plugin?.trim(), cve: cve?.trim(), host: host?.trim() };
  const filled = Object.fromEntries(Object.entries(given).filter(([, value]) => value));
  return { ...filled, reason, days: days.trim() };
}

async function risksPage(
  c: DashboardContext,
  services: Services,
  { fields = { reason: '', days: DAYS }, problem }: { fields?: RiskFields; problem?: string },
): Promise<Response> {
  const caller = c.get('caller');
  const risks = await listAcceptedRisks(services, caller, {}, signalOf(c));
  const form = mayCall(services, caller, acceptRisk) ? { token: c.get('formToken'), fields } : undefined;
  return await page(c, <AcceptedRisksPage {...{ caller, risks, form, problem }} />, problem ? 400 : 200);
}
