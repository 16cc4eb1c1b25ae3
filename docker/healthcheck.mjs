// Asks the app in this container whether it is ready; ends with 1 when it is not.
import { readFileSync } from 'node:fs';

const { name } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));
const port = name === '@nmcp/worker' ? process.env.WORKER_PORT : process.env.PORT;
const answer = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(5000) });
if (!answer.ok) {
  console.error(await answer.text());
  process.exit(1);
}
