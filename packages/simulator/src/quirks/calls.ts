import type { QuirkCall } from './quirk.ts';

/** The number of the scan in `/scans/{id}`, with what comes after it: `''`, `launch` and so on. */
export function scanOf({ path }: QuirkCall): { id: number; rest: string } | undefined {
  const [, id, rest = ''] = /^\/scans\/(\d+)(?:\/(.*))?$/.exec(path) ?? [];
  return id === undefined ? undefined : { id: Number(id), rest };
}

/** POST /scans */
export function isCreate({ method, path }: QuirkCall): boolean {
  return method === 'POST' && path === '/scans';
}

/** POST /scans/{id}/{verb} */
export function isVerb(call: QuirkCall, verb: string): boolean {
  return call.method === 'POST' && scanOf(call)?.rest === verb;
}

/** GET /scans */
export function isList({ method, path }: QuirkCall): boolean {
  return method === 'GET' && path === '/scans';
}

/** GET /scans/{id} */
export function isDetails(call: QuirkCall): boolean {
  return call.method === 'GET' && scanOf(call)?.rest === '';
}

/** A look at how far scans are. */
export function isPoll(call: QuirkCall): boolean {
  return isList(call) || isDetails(call);
}

/** The call about a file that is written: of either way. */
export function fileCall({ method, path }: QuirkCall): 'status' | 'download' | undefined {
  const what = /^\/(?:tokens\/[^/]+|scans\/\d+\/export\/[^/]+)\/(status|download)$/.exec(path)?.[1];
  return method === 'GET' && (what === 'status' || what === 'download') ? what : undefined;
}
