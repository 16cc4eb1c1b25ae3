import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Path of this checkout. */
export const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Its own pnpm. */
export const pnpm = join(root, 'node_modules/.bin/pnpm');
