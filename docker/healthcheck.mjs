// Asks the app in this container whether it is ready; ends with 1 when it is not.
import { existsSync } from 'node:fs';

// a worker has no tools to serve
const isWorker = !existsSync(new URL('node_modules/@nmcp/mcp', import.meta.url));
const port = isWorker ? process.env.WORKER_PORT : process.env.PORT;
const answer = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(5000) });
if (!answer.ok) {
  console.error(await answer.text());
  process.exit(1);
}
