import { serveHttp } from '@nmcp/mcp';
import { command, untilStopped } from '@nmcp/runtime/cli';
import { DEFAULT_PORT } from '@nmcp/settings';
import type { CommandDef } from 'citty';
import { connectHelp } from '../connect_help.ts';
import { createReporter } from '../demo/reporter.ts';
import { scanAsClient } from '../demo/scan_as_client.ts';
import { SERVER_ARGS, settingsOf } from '../server_options.ts';
import { startEverything } from '../start_everything.ts';

const TARGETS = '192.0.2.0/28'; // a documentation network of RFC 5737, which no host uses

/** Runs one scan end to end: simulated scanner, API and worker in this process, a real MCP client over HTTP. */
export const demo: CommandDef = command({
  meta: { name: 'demo', description: 'One scan from submission to findings, on a simulated scanner' },
  args: {
    keep: { type: 'boolean', default: false, description: 'Keep the server running afterwards' },
    json: { type: 'boolean', default: false, description: 'Print one JSON object' },
    'data-dir': SERVER_ARGS['data-dir'],
    port: { type: 'string', description: `Port with --keep (${DEFAULT_PORT})`, valueHint: 'PORT' },
  },
  async run({ args }) {
    const startedAt = performance.now();
    const opened = await settingsOf({ 'data-dir': args['data-dir'], simulate: true, port: args.port });
    const settings = { ...opened.settings, redisUrl: undefined };
    const isQuiet = process.env.LOG_LEVEL === undefined;
    await using services = await startEverything({
      settings: isQuiet ? { ...settings, logLevel: 'warn' } : settings,
      simulate: true,
      temporary: opened.temporary,
    });
    await using server = await serveHttp(
      { ...services, tokens: undefined, oauth: undefined },
      { host: '127.0.0.1', port: args.keep ? settings.port : 0 },
    );
    const report = createReporter({ json: args.json, keep: args.keep });
    const startup_ms = Math.round(performance.now() - startedAt);
    report.started(server.url);
    const outcome = await scanAsClient(server.url, TARGETS, report);
    report.finished(outcome, { startup_ms, total_ms: Math.round(performance.now() - startedAt) });
    if (outcome.status.status !== 'completed') process.exitCode = 1;
    if (!args.keep) return;
    process.stderr.write(`\n${connectHelp(server.url)}\nPress Ctrl-C to stop.\n`);
    await untilStopped();
  },
});
