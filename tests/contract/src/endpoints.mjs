import { readdirSync, readFileSync } from 'node:fs';

const API = new URL('../../../packages/nessus-client/src/api/', import.meta.url);
/** `/** GET /scans/{id}: what it does *\/ export function getScan` */
const CALL =
  /\/\*\*\s*(?:\* )?(GET|POST|PUT|DELETE) (\/\S+): (?:(?!\*\/)[\s\S])*\*\/\s*export (?:async )?function\*? (\w+)/g;

export function readEndpoints() {
  return readdirSync(API)
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => {
      const family = file.replace('.ts', '').replaceAll('_', ' ');
      const calls = readFileSync(new URL(file, API), 'utf8').matchAll(CALL);
      return [...calls].map(([, method, path, name]) => ({ family, method, path, name }));
    });
}

export function pathPattern(path) {
  const escaped = path.replaceAll(/[.*+?^$()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll(/\{\w+\}/g, '[^/]+')}$`);
}
