import { listDeadLetters, retryDeadLetter, type Services } from '@nmcp/scans';
import { isPoolName, NmcpError } from '@nmcp/types';
import { DeadLettersPage } from '../pages/dead_letters_page.tsx';
import type { AddRoutes, DashboardContext } from './dashboard_env.ts';
import { page, readForm } from './respond.ts';

/** Of each pool. */
const LETTERS_SHOWN = 50;

/** What could not be run, and how to run it again. */
export const addDeadLetters: AddRoutes = (app, services) => {
  app.get('/dead-letters', (c) => deadLettersPage(c, services));
  app.post('/dead-letters/retry', async (c) => {
    const { pool = '', id = '' } = await readForm(c);
    if (!isPoolName(pool)) throw new NmcpError('invalid_input', 'The form does not name a pool');
    const task = await retryDeadLetter(services, c.get('caller'), { pool, id });
    return await deadLettersPage(c, services, `${task.task_id} retries ${id}.`);
  });
};

async function deadLettersPage(c: DashboardContext, services: Services, said?: string): Promise<Response> {
  const [caller, formToken] = [c.get('caller'), c.get('formToken')];
  const letters = await listDeadLetters(services, caller, { limit: LETTERS_SHOWN });
  return await page(c, <DeadLettersPage {...{ caller, formToken, said, letters }} />);
}
