#!/usr/bin/env node
import { isNmcpError } from '@nmcp/types';
import { renderUsage, runCommand } from 'citty';
import { refuseUnknownArguments, simulatorCommand } from '../simulator_command.ts';

const args = process.argv.slice(2);
try {
  if (args.includes('--help') || args.includes('-h')) console.log(plain(await renderUsage(simulatorCommand)));
  else {
    refuseUnknownArguments(args);
    await runCommand(simulatorCommand, { rawArgs: args });
  }
} catch (error) {
  console.error(`nmcp-simulator: ${error instanceof Error ? error.message : error}`);
  process.exit(isNmcpError(error) ? 2 : 1);
}

/** citty colours its text wherever it goes. */
function plain(text: string): string {
  return process.stdout.isTTY && !process.env.NO_COLOR
    ? text
    : text.replaceAll(new RegExp(`${String.fromCharCode(27)}\\[[\\d;]*m`, 'g'), '');
}
