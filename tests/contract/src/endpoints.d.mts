/** A call of the client, as its documentation begins: `GET /scans/{id}: what it does`. */
export interface Endpoint {
  family: string;
  name: string;
  method: string;
  path: string;
}

/** All calls of the client, read from its source. */
export function readEndpoints(): Endpoint[];

/** Which paths of requests a path of the documentation stands for. */
export function pathPattern(path: string): RegExp;
