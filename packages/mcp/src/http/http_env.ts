import type { HttpBindings } from '@hono/node-server';

/** Context of the routes. */
export interface HttpEnv {
  Bindings: HttpBindings;
}
