import type { Caller } from '@nmcp/access';
import { hasScope } from '@nmcp/access';
import { cleanText } from '@nmcp/schema';
import type { Task } from '@nmcp/types';
import type { Child } from 'hono/jsx';
import type { JSX } from 'hono/jsx/jsx-runtime';

/** The frame of every page. */
export function Page({
  title,
  caller,
  here,
  live,
  action,
  children,
}: {
  title: string;
  caller?: Caller | undefined;
  /** Path of the menu's entry. */
  here?: string | undefined;
  /** URL of the events that make the page reload itself. */
  live?: string | undefined;
  /** A link beside the title. */
  action?: Child;
  children: Child;
}): JSX.Element {
  const entries = [
    { path: '/', word: 'Overview' },
    { path: '/scans', word: 'Scans' },
    { path: '/network', word: 'Network' },
    { path: '/network/assets', word: 'Assets' },
    { path: '/network/vulnerabilities', word: 'Vulnerabilities' },
    { path: '/network/fixes', word: 'Fix first' },
    { path: '/network/risks', word: 'Accepted risks' },
    { path: '/scanners', word: 'Scanners' },
    ...(caller && hasScope(caller, 'admin') ? [{ path: '/dead-letters', word: 'Not run' }] : []),
  ];
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{`${title} · Nessus MCP`}</title>
        <link rel="stylesheet" href="/assets/dashboard.css" />
        <link rel="icon" href="data:," />
        {live ? <script src="/assets/dashboard.js" defer /> : null}
      </head>
      <body data-live={live}>
        <a class="skip" href="#main">
          Skip to content
        </a>
        <header>
          <b class="brand">Nessus MCP</b>
          {caller ? (
            <nav aria-label="Main">
              {entries.map(({ path, word }) => (
                <a href={path} aria-current={path === here ? 'page' : undefined}>
                  {word}
                </a>
              ))}
            </nav>
          ) : null}
          {caller && caller.name !== 'local' ? (
            <form method="post" action="/logout" class="who">
              <span>{caller.name}</span> <button type="submit">Log out</button>
            </form>
          ) : null}
        </header>
        <main id="main">
          <div class="title">
            <h1>{title}</h1>
            {action}
          </div>
          {children}
        </main>
      </body>
    </html>
  );
}

/** Links to the previous and next page. */
export function Pages({
  label,
  page,
  pages,
  to,
}: {
  label: string;
  page: number;
  pages: number;
  /** Address of a page. */
  to: (page: number) => string;
}): JSX.Element {
  return (
    <nav class="pages" aria-label={label}>
      {page > 1 ? <a href={to(page - 1)}>Previous</a> : null}
      <span>
        Page {page} of {Math.max(1, pages)}
      </span>
      {page < pages ? <a href={to(page + 1)}>Next</a> : null}
    </nav>
  );
}

/** A path with a query string; empty parameters are left out. */
export function withQuery(
  path: string,
  query: Readonly<Record<string, string | number | undefined>>,
): string {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value ? [[name, String(value)] as [string, string]] : [],
  );
  return `${path}?${new URLSearchParams(given)}`;
}

/** A state in its colour. */
export function State({ word }: { word: string }): JSX.Element {
  return <span class={`state ${word.replaceAll(/[^a-z-]/g, '')}`}>{word}</span>;
}

/** A time, with its zone, machine-readable too. */
export function When({ at }: { at: string | null }): JSX.Element {
  if (at === null) return <span>–</span>;
  return (
    <time class="when" datetime={at}>
      {at.slice(0, 16).replace('T', ' ')} UTC
    </time>
  );
}

/** A list of scans, scanners or findings that goes on elsewhere. */
export function ScanLink({
  task: { task_id, payload },
}: {
  task: Pick<Task, 'task_id' | 'payload'>;
}): JSX.Element {
  return <a href={`/scans/${task_id}`}>{cut(payload.name || task_id, 80)}</a>;
}

/** A text of at most so many characters; a mark says where it was cut. */
export function cut(text: string, length: number): string {
  const clean = cleanText(text);
  return clean.length > length ? `${clean.slice(0, length - 1)}…` : clean;
}
