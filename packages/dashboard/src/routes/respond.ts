import { cleanText } from '@nmcp/schema';
import { isNmcpError, NmcpError } from '@nmcp/types';
import type { Context } from 'hono';
import type { Child } from 'hono/jsx';
import type { DashboardContext } from './dashboard_env.ts';

/** Statuses of pages. */
export type PageStatus = 200 | 400 | 401 | 403 | 404 | 409 | 429 | 502 | 503;

/** Responds with a page, cleaned of what a terminal or a reader could be led astray by, whoever wrote it. */
export async function page(c: Context, content: Child, status: PageStatus = 200): Promise<Response> {
  const html = `<!doctype html>${await Promise.resolve(content)}`;
  return c.html(cleanText(html, Number.POSITIVE_INFINITY), status);
}

/** The status of the page that shows an error. */
export function pageStatus({ status }: NmcpError): PageStatus {
  const shown: readonly PageStatus[] = [403, 404, 409, 429, 502, 503];
  return shown.find((each) => each === status) ?? 400;
}

/** What a form holds. */
export type FormFields = Readonly<Record<string, string>>;

/**
 * Reads a form of one of this caller's own pages.
 *
 * @throws {NmcpError} `policy_denied` for one that comes from elsewhere
 */
export async function readForm(c: DashboardContext): Promise<FormFields> {
  const body = await c.req.parseBody();
  const fields = Object.fromEntries(
    Object.entries(body).map(([name, value]) => [name, typeof value === 'string' ? value : '']),
  );
  if (fields.form === c.get('formToken')) return fields;
  throw new NmcpError('policy_denied', 'The form was not sent from this page; open the page again', {
    title: 'Not allowed',
  });
}

/** A page's number in a query; 1 for what is none. */
export function pageNumber(text: string | undefined): number {
  return text !== undefined && /^[1-9]\d{0,6}$/.test(text) ? Number(text) : 1;
}

/** Parameters of a query that are given. */
export function queryOf<Name extends string>(
  c: Context,
  names: readonly Name[],
): Partial<Record<Name, string>> {
  const given = names.flatMap((name) => {
    const value = c.req.query(name)?.trim();
    return value ? [[name, value]] : [];
  });
  return Object.fromEntries(given) as Partial<Record<Name, string>>; // of these names
}

/** An answer; or where the query is wrong, what to say beside its fields. */
export async function unlessWrong<T>(
  ask: () => Promise<T>,
): Promise<{ answer: T; problem?: undefined } | { answer?: undefined; problem: string }> {
  try {
    return { answer: await ask() };
  } catch (error) {
    if (!isNmcpError(error, 'invalid_input')) throw error;
    return { problem: error.message };
  }
}

/** Aborts when the browser has gone. */
export function signalOf(c: DashboardContext): AbortSignal {
  return c.req.raw.signal;
}
