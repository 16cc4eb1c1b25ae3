import { once } from 'node:events';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { createMcpServer } from '@nmcp/mcp/server';
import { logSelfCheck } from '@nmcp/runtime';
import { command, onHangup, untilStopped } from '@nmcp/runtime/cli';
import type { CommandDef } from 'citty';
import { SERVER_ARGS, settingsOf } from '../server_options.ts';
import { startEverything } from '../start_everything.ts';

/** Serves MCP over standard input and output, for desktop clients. */
export const stdio: CommandDef = command({
  meta: {
    name: 'stdio',
    description: 'Serve MCP over standard input and output and run scans, in one process',
  },
  args: SERVER_ARGS,
  async run({ args }) {
    const { settings, temporary } = await settingsOf(args);
    await using services = await startEverything({ settings, simulate: args.simulate, temporary });
    onHangup(services.reload);
    void services.workerSeen.then(() => logSelfCheck(services));
    const connection = serveStdio(() => createMcpServer(services));
    await Promise.race([untilStopped(), once(process.stdin, 'end'), once(process.stdin, 'close')]);
    await connection.close();
  },
});
