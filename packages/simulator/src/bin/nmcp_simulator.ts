#!/usr/bin/env node
import { defineCommand, runMain } from 'citty';
import { explainValue } from '../quirks/explain_value.ts';
import { QUIRKS } from '../quirks/list.ts';
import { parseQuirks } from '../quirks/parse_quirks.ts';
import { startSimulator } from '../start_simulator.ts';

const LICENCES = ['manager', 'professional', 'expert', 'essentials'] as const;

const command = defineCommand({
  meta: { name: 'nmcp-simulator', description: 'A Nessus stand-in that needs no licence' },
  args: {
    port: { type: 'string', default: '8834', description: 'Port to listen on' },
    host: { type: 'string', default: '127.0.0.1', description: 'Address to listen on' },
    seed: { type: 'string', default: '1', description: 'Decides which hosts answer and what is found' },
    speed: { type: 'string', default: '30', description: 'Simulated seconds in a real one' },
    licence: { type: 'enum', options: [...LICENCES], default: 'manager', description: 'Kind of licence' },
    'findings-per-host': { type: 'string', description: 'Findings that every host has at least' },
    'max-targets': { type: 'string', description: 'Addresses that one scan may have' },
    state: { type: 'string', description: 'File in which scans are kept', valueHint: 'FILE' },
    quirks: {
      type: 'string',
      default: '',
      description: 'Habits of scanners in the field, comma-separated; "list" lists them',
    },
    http: { type: 'boolean', default: false, description: 'Serve plain HTTP' },
  },
  async run({ args }) {
    if (args.quirks === 'list') return listQuirks();
    const simulator = await startSimulator({
      port: wholeNumber('port', args.port),
      host: args.host,
      seed: wholeNumber('seed', args.seed),
      speed: positiveNumber('speed', args.speed),
      licence: LICENCES.find((licence) => licence === args.licence),
      tls: !args.http,
      findingsPerHost: optionalNumber('findings-per-host', args['findings-per-host']),
      maxTargets: optionalNumber('max-targets', args['max-targets']),
      stateFile: args.state,
      quirks: quirksOf(args.quirks),
    });
    console.log(`Simulated Nessus at ${simulator.url}`);
    console.log(`  user ${simulator.username}, password ${simulator.password}`);
    console.log(`  access key ${simulator.accessKey}, secret key ${simulator.secretKey}`);
    if (simulator.fingerprint) console.log(`  certificate SHA-256 ${simulator.fingerprint}`);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void simulator.close());
  },
});

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
    console.error(`--quirks ${text}: ${error instanceof Error ? error.message : error}`);
    process.exit(2);
  }
  return entries;
}

function wholeNumber(name: string, text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  console.error(`--${name} ${text}: expected a whole number`);
  process.exit(2);
}

function optionalNumber(name: string, text: string | undefined): number | undefined {
  return text === undefined ? undefined : wholeNumber(name, text);
}

function positiveNumber(name: string, text: string): number {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  console.error(`--${name} ${text}: expected a number above 0`);
  process.exit(2);
}

await runMain(command);
