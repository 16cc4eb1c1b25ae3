#!/usr/bin/env node
import { runApp } from '@nmcp/runtime';
import { defineCommand, runCommand, showUsage } from 'citty';

const nmcp = defineCommand({
  meta: {
    name: 'nmcp',
    version: '0.1.0',
    description: 'Vulnerability scans for LLM agents, and a converter of .nessus files',
  },
  subCommands: {
    serve: () => import('./commands/serve.ts').then((module) => module.serve),
    stdio: () => import('./commands/stdio.ts').then((module) => module.stdio),
    convert: () => import('./commands/convert.ts').then((module) => module.convert),
    import: () => import('./commands/import.ts').then((module) => module.importCommand),
    demo: () => import('./commands/demo.ts').then((module) => module.demo),
  },
});

const args = process.argv.slice(2);
const subCommand = args[0] ?? '';

await runApp('nmcp', async () => {
  const load = nmcp.subCommands as Record<string, () => Promise<Parameters<typeof showUsage>[0]>>; // as written above
  const isKnown = Object.hasOwn(load, subCommand);
  if (args.includes('--help') || args.includes('-h') || args.length === 0) {
    await showUsage(isKnown ? ((await load[subCommand]?.()) ?? nmcp) : nmcp, isKnown ? nmcp : undefined);
    return;
  }
  await runCommand(nmcp, { rawArgs: args });
});
