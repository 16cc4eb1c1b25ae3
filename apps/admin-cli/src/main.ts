#!/usr/bin/env node
import { runCli } from '@nmcp/runtime/cli';
import { COMMANDS } from './commands.ts';

await runCli({
  name: 'nmcp-admin',
  version: '0.1.0',
  description: 'Queues, tasks, scanners and dead letters of Nessus MCP',
  commands: COMMANDS,
});
