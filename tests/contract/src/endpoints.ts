import { readdirSync, readFileSync } from 'node:fs';

const API = new URL('../../../packages/nessus-client/src/api/', import.meta.url);

/** A call of the client, as its documentation begins: `GET /scans/{id}: what it does`. */
export interface Endpoint {
  family: string;
  name: string;
  method: string;
  path: string;
  text: string;
}

/** All calls of the client, read from its source. */
export function readEndpoints(): Endpoint[] {
  return readdirSync(API)
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => {
      const source = readFileSync(new URL(file, API), 'utf8');
      const calls = source.matchAll(
        /\/\*\*\s*(?:\* )?(GET|POST|PUT|DELETE) (\/\S+): ((?:(?!\*\/)[\s\S])*)\*\/\s*export (?:async )?function\*? (\w+)/g,
      );
      const family = file.replace('.ts', '').replaceAll('_', ' ');
      return [...calls].map(([, method = '', path = '', comment = '', name = '']) => {
        const [text = ''] = comment.replaceAll(/\s*\n\s*\* ?/g, ' ').split(/(?<=\.) |\s*$/);
        return { family, name, method, path, text: text.trim() };
      });
    });
}

/** A path of a request in the form of the documentation. */
export function pathPattern(path: string): RegExp {
  const escaped = path.replaceAll(/[.*+?^$()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll(/\{\w+\}/g, '[^/]+')}$`);
}
