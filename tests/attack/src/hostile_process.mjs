// The hostile caller as a process of its own, so that what he does to himself is not measured. Its argument is JSON of the
// servers, tokens and tasks; a line on standard input ends it, and then it prints how often what was answered.
import { once } from 'node:events';
import { hostileRequests } from './hostile_requests.mjs';
import { createRequests } from './requests.mjs';

const AT_ONCE = 40;
const { urls, tokens, ...tasks } = JSON.parse(process.argv[2]);
const left = new AbortController();
const kinds = {};
let sent = 0;
const requests = hostileRequests({ ...createRequests(urls, tokens), ...tasks }, left.signal);
const loops = Array.from({ length: AT_ONCE }, async (_, i) => {
  for (let n = i; !left.signal.aborted; n++) {
    const [kind, send] = requests[n % requests.length];
    sent++;
    if (sent % 100 === 0) console.error(sent);
    const status = await send().catch(() => 'dropped');
    kinds[`${kind} ${status}`] = (kinds[`${kind} ${status}`] ?? 0) + 1;
  }
});
process.on('unhandledRejection', () => {}); // a stream that was left
await once(process.stdin, 'data');
left.abort();
await Promise.race([Promise.allSettled(loops), new Promise((resolve) => setTimeout(resolve, 5000))]);
console.log(JSON.stringify({ sent, kinds }));
process.exit();
