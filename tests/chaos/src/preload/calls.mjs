// Every call of a scanner is four points: before it is sent, when it is sent, when its answer begins, when it was read.
import { subscribe } from 'node:diagnostics_channel';
import { pass, report } from './points.mjs';

const CALLS = [
  ['POST', /^\/session$/, 'login'],
  ['GET', /^\/editor\/scan\/templates$/, 'templates'],
  ['GET', /^\/editor\/scan\/\d+/, 'marker'],
  ['POST', /^\/scans$/, 'create'],
  ['GET', /^\/scans$/, 'list'],
  ['GET', /^\/scans\/\d+$/, 'details'],
  ['POST', /^\/scans\/\d+\/launch$/, 'launch'],
  ['POST', /^\/scans\/\d+\/export$/, 'export'],
  ['GET', /^\/tokens\/\w+\/status$/, 'export status'],
  ['GET', /^\/tokens\/\w+\/download$/, 'download'],
  ['POST', /^\/scans\/\d+\/stop$/, 'stop'],
  ['DELETE', /^\/scans\/\d+$/, 'delete'],
];

/** What can happen to a scan once only. */
const ONCE = new Set(['create', 'launch']);

/** Follows what undici tells of its requests. */
export function watchCalls(name) {
  const names = new WeakMap();
  let made = 0;
  subscribe('undici:request:create', ({ request }) => {
    const path = request.path.replace(/\?.*$/s, '');
    const call = CALLS.find(([method, pattern]) => method === request.method && pattern.test(path))?.[2];
    if (call === undefined) return;
    names.set(request, call);
    const id = `${name}-${process.pid}-${++made}`;
    request.addHeader('x-request-id', id);
    if (ONCE.has(call)) report({ call, id });
    pass(`http.${call}:before`);
  });
  for (const [channel, moment] of [
    ['undici:request:bodySent', 'sent'],
    ['undici:request:headers', 'answered'],
    ['undici:request:trailers', 'read'],
  ])
    subscribe(channel, ({ request }) => {
      const call = names.get(request);
      if (call !== undefined) pass(`http.${call}:${moment}`);
    });
}
