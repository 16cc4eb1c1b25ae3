import { command, untilStopped } from '@nmcp/runtime/cli';
import { startSimulator } from '@nmcp/simulator';
import { NmcpError } from '@nmcp/types';
import type { CommandDef } from 'citty';

const MAX_PORT = 65_535;

/** A standalone simulated scanner, for trying out what needs one. */
export const simulator: CommandDef = command({
  meta: {
    name: 'simulator',
    description: 'Run a simulated Nessus scanner, for trying things out',
    examples: ['simulator --port 8834', 'simulator --port 8834 --plain --speed 100'],
  },
  args: {
    port: { type: 'string', default: '8834', description: 'Port', valueHint: 'PORT' },
    host: { type: 'string', default: '127.0.0.1', description: 'Address to listen on', valueHint: 'ADDRESS' },
    plain: { type: 'boolean', default: false, description: 'HTTP instead of HTTPS' },
    speed: {
      type: 'string',
      default: '30',
      description: 'Simulated seconds per real second',
      valueHint: 'N',
    },
    seed: { type: 'string', default: '1', description: 'Seed of the simulated network', valueHint: 'N' },
  },
  async run({ args }) {
    const port = wholeNumber('--port', args.port);
    if (port > MAX_PORT) throw new NmcpError('invalid_input', `--port ${port}: expected 0 to ${MAX_PORT}`);
    await using scanner = await startSimulator({
      port,
      host: args.host,
      tls: !args.plain,
      speed: wholeNumber('--speed', args.speed),
      seed: wholeNumber('--seed', args.seed),
    });
    const { url, username, password, fingerprint } = scanner;
    console.log(JSON.stringify({ url, username, password, fingerprint }));
    await untilStopped();
  },
});

function wholeNumber(option: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new NmcpError('invalid_input', `${option} ${text}: expected a whole number`);
}
