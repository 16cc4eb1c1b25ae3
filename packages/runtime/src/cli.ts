/**
 * What a command-line program needs, without anything that opens a store.
 *
 * @module
 */
export { onHangup, runApp, untilStopped } from './exit.ts';
export { formatTable, type TableOptions } from './format_table.ts';
export { type Paint, paintFor } from './paint.ts';
export {
  type Cli,
  type CommandMeta,
  command,
  type Daemon,
  type LazyCommand,
  runCli,
  runDaemon,
} from './run_cli.ts';
export { writeToFile, writeToStream } from './write_text.ts';
