/**
 * What a command line program needs, and nothing that opens a store.
 *
 * @module
 */
export { onHangup, runApp, untilStopped } from './exit.ts';
export { formatTable } from './format_table.ts';
export { type Cli, command, type LazyCommand, runCli } from './run_cli.ts';
