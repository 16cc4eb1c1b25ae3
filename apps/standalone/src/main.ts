#!/usr/bin/env node
import { runCli } from '@nmcp/runtime/cli';

await runCli({
  name: 'nmcp',
  version: '0.1.0',
  description: 'Vulnerability scans for LLM agents, and a converter for .nessus files',
  // loaded when called: converting a file needs no server
  commands: {
    serve: () => import('./commands/serve.ts').then((module) => module.serve),
    stdio: () => import('./commands/stdio.ts').then((module) => module.stdio),
    convert: () => import('./commands/convert.ts').then((module) => module.convert),
    show: () => import('./commands/show.ts').then((module) => module.show),
    diff: () => import('./commands/diff.ts').then((module) => module.diff),
    import: () => import('./commands/import.ts').then((module) => module.importCommand),
    simulator: () => import('@nmcp/simulator/command').then((module) => module.simulatorCommand),
    demo: () => import('./commands/demo.ts').then((module) => module.demo),
  },
});
