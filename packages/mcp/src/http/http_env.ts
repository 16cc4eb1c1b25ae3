import type { HttpBindings } from '@hono/node-server';

/** What the routes know. */
export interface HttpEnv {
  Bindings: HttpBindings;
}
