import { parseArgs } from 'node:util';
import { NmcpError } from '@nmcp/types';
import type { ArgsDef, CommandDef, ParsedArgs } from 'citty';
import { explainValue } from './quirks/explain_value.ts';
import { QUIRKS } from './quirks/list.ts';
import { parseQuirks } from './quirks/parse_quirks.ts';
import { startSimulator } from './start_simulator.ts';

const LICENCES = ['manager', 'professional', 'expert', 'essentials'] as const;
const MAX_PORT = 65_535;

const ARGS = {
  port: { type: 'string', default: '8834', description: 'Port to listen on', valueHint: 'PORT' },
  host: { type: 'string', default: '127.0.0.1', description: 'Address to listen on', valueHint: 'ADDRESS' },
  plain: { type: 'boolean', alias: 'http', default: false, description: 'HTTP instead of HTTPS' },
  speed: { type: 'string', default: '30', description: 'Simulated seconds in a real one', valueHint: 'N' },
  seed: {
    type: 'string',
    default: '1',
    description: 'Decides which hosts answer and what is found',
    valueHint: 'N',
  },
  licence: {
    type: 'string',
    default: 'manager',
    description: `One of ${LICENCES.join(', ')}`,
    valueHint: 'KIND',
  },
  'findings-per-host': {
    type: 'string',
    description: 'Findings that every host has at least',
    valueHint: 'N',
  },
  'max-targets': { type: 'string', description: 'Addresses that one scan may have', valueHint: 'N' },
  state: { type: 'string', description: 'File in which scans are kept', valueHint: 'FILE' },
  quirks: {
    type: 'string',
    default: '',
    description: 'Habits of scanners in the field, comma-separated; "list" lists them',
    valueHint: 'NAMES',
  },
} as const satisfies ArgsDef;

/**
 * The command that runs a simulator until SIGINT or SIGTERM: as `nmcp simulator`, and as the package's own program. The first
 * line that it prints is JSON, for programs, the others are for people.
 */
export const simulatorCommand: CommandDef = {
  meta: {
    name: 'simulator',
    description: 'Run a simulated Nessus scanner, which needs no licence',
    // read by the program that shows them; citty has no examples
    ...{ examples: ['simulator --port 8834', 'simulator --plain --speed 100', 'simulator --quirks list'] },
  },
  args: ARGS,
  // citty runs it with what it parsed by these very arguments
  run: async ({ args }) => await run(args as unknown as ParsedArgs<typeof ARGS>),
};

/** Refuses what the command does not take; citty passes over it. @throws {NmcpError} `invalid_input` */
export function refuseUnknownArguments(args: readonly string[]): void {
  const options = Object.entries<{ type: 'string' | 'boolean'; alias?: string }>(ARGS).flatMap(
    ([name, { type, alias }]) => [name, ...(alias ? [alias] : [])].map((each) => [each, { type }] as const),
  );
  try {
    parseArgs({ args: [...args], options: Object.fromEntries(options), allowNegative: true });
  } catch (error) {
    const why = error instanceof Error ? error.message.split('.', 1)[0] : String(error);
    throw new NmcpError('invalid_input', `${why}; --help shows the options`);
  }
}

async function run(args: ParsedArgs<typeof ARGS>): Promise<void> {
  if (args.quirks === 'list') return listQuirks();
  const port = wholeNumber('port', args.port);
  if (port > MAX_PORT) throw new NmcpError('invalid_input', `--port ${port}: expected 0 to ${MAX_PORT}`);
  const simulator = await startSimulator({
    port,
    host: args.host,
    seed: wholeNumber('seed', args.seed),
    speed: positiveNumber('speed', args.speed),
    licence: licenceNamed(args.licence),
    tls: !args.plain,
    findingsPerHost: optionalNumber('findings-per-host', args['findings-per-host']),
    maxTargets: optionalNumber('max-targets', args['max-targets']),
    stateFile: args.state,
    quirks: quirksOf(args.quirks),
  });
  const { url, username, password, accessKey, secretKey, fingerprint } = simulator;
  console.log(JSON.stringify({ url, username, password, accessKey, secretKey, fingerprint }));
  console.log(`Simulated Nessus at ${url}`);
  console.log(`  user ${username}, password ${password}`);
  console.log(`  access key ${accessKey}, secret key ${secretKey}`);
  if (fingerprint) console.log(`  certificate SHA-256 ${fingerprint}`);
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  await simulator.close();
}

function listQuirks(): void {
  const width = Math.max(...QUIRKS.map(({ name }) => name.length));
  for (const quirk of QUIRKS) {
    const value = explainValue(quirk);
    const more = value === undefined ? '' : ` [=${value}]`;
    console.log(`${quirk.name.padEnd(width)}  ${quirk.description}${more}`);
  }
}

function quirksOf(text: string): string[] {
  const entries = text.split(',').filter((entry) => entry.trim() !== '');
  try {
    parseQuirks(entries);
  } catch (error) {
    throw invalid('quirks', text, error instanceof Error ? error.message : String(error));
  }
  return entries;
}

function licenceNamed(text: string): (typeof LICENCES)[number] {
  const found = LICENCES.find((licence) => licence === text);
  if (found === undefined) throw invalid('licence', text, `expected one of ${LICENCES.join(', ')}`);
  return found;
}

function wholeNumber(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw invalid(name, text, 'expected a whole number');
  return Number(text);
}

function optionalNumber(name: string, text: string | undefined): number | undefined {
  return text === undefined ? undefined : wholeNumber(name, text);
}

function positiveNumber(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value))) throw invalid(name, text, 'expected a number above 0');
  return value;
}

function invalid(option: string, text: string, why: string): NmcpError {
  return new NmcpError('invalid_input', `--${option} ${text.slice(0, 60)}: ${why}`);
}
