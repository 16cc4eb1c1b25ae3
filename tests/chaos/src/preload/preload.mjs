// node --import preload.mjs APP: the app's own code, with another clock, and points at which the harness has its way.
import { syncBuiltinESMExports } from 'node:module';
import { watchCalls } from './calls.mjs';
import { runFaster } from './clock.mjs';
import { watchFiles } from './files.mjs';
import { arm } from './points.mjs';
import { watchStatements } from './statements.mjs';

const { name, factor, base, shiftMs, arms } = JSON.parse(process.env.NMCP_CHAOS);
const clock = runFaster({ factor, base, shiftMs });
await watchFiles();
watchCalls(name);
if (process.env.TASKS_URL) watchStatements();
syncBuiltinESMExports();
arm(arms);
process.on('message', ({ jumpMs }) => clock.jump(jumpMs));
process.on('disconnect', () => process.exit(1)); // the harness is gone
process.channel?.unref();
