import { serveHttp } from '@nmcp/mcp';
import { checkLines } from '@nmcp/runtime';
import { command, onHangup, untilStopped } from '@nmcp/runtime/cli';
import type { CommandDef } from 'citty';
import { connectHelp } from '../connect_help.ts';
import { SERVER_ARGS, settingsOf } from '../server_options.ts';
import { startEverything } from '../start_everything.ts';

/** Serves MCP over HTTP, with the worker in the same process. */
export const serve: CommandDef = command({
  meta: { name: 'serve', description: 'Serve MCP over HTTP and run scans, in one process' },
  args: {
    port: { type: 'string', description: 'Port (PORT, 8836)', valueHint: 'PORT' },
    host: { type: 'string', description: 'Address to listen on (HOST, 127.0.0.1)', valueHint: 'ADDRESS' },
    ...SERVER_ARGS,
  },
  async run({ args }) {
    const { settings, temporary } = await settingsOf(args);
    await using services = await startEverything({ settings, simulate: args.simulate, temporary });
    onHangup(services.reload);
    await using server = await serveHttp(services, settings);
    process.stderr.write(connectHelp(server.url, { hasTokens: services.tokens !== undefined }));
    void services.workerSeen.then(async () => {
      const lines = checkLines(await services.selfCheck.results());
      if (lines.length > 0) process.stderr.write(`\n${lines.join('\n')}\n`);
    });
    await untilStopped();
  },
});
