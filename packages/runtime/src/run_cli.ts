import { NmcpError } from '@nmcp/types';
import { type ArgsDef, type CommandDef, defineCommand, renderUsage, runCommand } from 'citty';
import { runApp } from './exit.ts';
import { paintFor } from './paint.ts';

/** Describes a command. */
export interface CommandMeta {
  name: string;
  description: string;
  /** Calls as typed, without the program's name. */
  examples?: readonly string[] | undefined;
}

/** A command, or a function that loads it when it is called. */
export type LazyCommand = CommandDef | (() => Promise<CommandDef>);

/** Describes a command-line program. */
export interface Cli {
  name: string;
  version: string;
  description: string;
  commands: Readonly<Record<string, LazyCommand>>;
}

/** Defines a command whose `run` knows the types of its arguments; elsewhere they do not matter. */
export function command<A extends ArgsDef>(
  definition: Omit<CommandDef<A>, 'meta'> & { meta: CommandMeta },
): CommandDef {
  // citty runs it with what it parsed by these very arguments
  return defineCommand(definition as CommandDef<A>) as unknown as CommandDef;
}

/**
 * Runs a command line program with the process's arguments. Wrong arguments end it with one line on standard error and
 * the exit code 2.
 */
export async function runCli(cli: Cli, args: readonly string[] = process.argv.slice(2)): Promise<void> {
  await runApp(cli.name, async () => {
    const { name, version, description, commands } = cli;
    const program = defineCommand({ meta: { name, version, description }, subCommands: { ...commands } });
    const { word, second, rest } = splitCommand(args, Object.keys(commands));
    if (word === '--version') return console.log(version);
    if (word === '' || word === '--help' || word === '-h') return await showHelp(program);
    const load = Object.hasOwn(commands, word) ? commands[word] : undefined;
    if (!load) throw new NmcpError('invalid_input', unknownCommand(word, second, Object.keys(commands)));
    const chosen = typeof load === 'function' ? await load() : load;
    if (rest.includes('--help') || rest.includes('-h')) {
      await showHelp(chosen, program);
      return showExamples(name, chosen);
    }
    refuseUnknownOptions(`${name} ${word}`, chosen, rest);
    await runCommand(chosen, { rawArgs: [...rest] }).catch((error: unknown) => {
      throw isCliError(error)
        ? new NmcpError(
            'invalid_input',
            `${error.message.replaceAll(STYLES, '')}; see ${name} ${word} --help`,
          )
        : error;
    });
  });
}

/**
 * The command and its arguments. Its name is one word or two, such as "token create"; options may stand before it, as v3.0's
 * had to.
 */
function splitCommand(
  args: readonly string[],
  known: readonly string[],
): { word: string; second: string; rest: string[] } {
  const isNamed = (at: number): boolean =>
    known.some((name) => name === args[at] || name === `${args[at]} ${args[at + 1]}`);
  const at = args[0]?.startsWith('-') ? args.findIndex((_, index) => isNamed(index)) : 0;
  const [first = '', second = '', ...others] = args.slice(Math.max(0, at));
  const leading = args.slice(0, Math.max(0, at));
  if (known.includes(`${first} ${second}`))
    return { word: `${first} ${second}`, second, rest: [...leading, ...others] };
  return { word: first, second, rest: [...leading, ...args.slice(Math.max(0, at) + 1)] };
}

function unknownCommand(word: string, second: string, known: readonly string[]): string {
  const group = known.filter((each) => each.startsWith(`${word} `));
  const asked = group.length > 0 && !second.startsWith('-') ? `${word} ${second}`.trim() : word;
  return `Unknown command ${JSON.stringify(asked)}; expected one of ${(group.length > 0 ? group : known).join(', ')}`;
}

/** citty colours its text wherever it goes. */
async function showHelp(shown: CommandDef, parent?: CommandDef): Promise<void> {
  const text = await renderUsage(shown, parent);
  const isColoured = paintFor(process.stdout)('bold', '') !== '';
  console.log(`${isColoured ? text : text.replaceAll(STYLES, '')}\n`);
}

function showExamples(program: string, chosen: CommandDef): void {
  const { examples = [] } = chosen.meta as CommandMeta; // ours are never functions
  if (examples.length === 0) return;
  console.log(`EXAMPLES\n\n${examples.map((example) => `  ${program} ${example}`).join('\n')}\n`);
}

/** citty colours its messages. */
const STYLES = new RegExp(`${String.fromCharCode(27)}\\[[\\d;]*m`, 'g');

function isCliError(error: unknown): error is Error {
  return error instanceof Error && error.name === 'CLIError';
}

/** citty ignores unknown options, so a typo would change what a command does. */
function refuseUnknownOptions(what: string, chosen: CommandDef, args: readonly string[]): void {
  const known = knownOptions(chosen.args as ArgsDef | undefined); // ours are never functions
  const end = args.indexOf('--');
  for (const arg of end < 0 ? args : args.slice(0, end)) {
    const option = /^--?([A-Za-z][^=]*)/.exec(arg)?.[1];
    if (option === undefined || known.includes(option) || known.includes(option.replace(/^no-/, '')))
      continue;
    throw new NmcpError(
      'invalid_input',
      `Unknown option ${arg.slice(0, 60)}; ${what} takes ${known.map((name) => (name.length > 1 ? `--${name}` : `-${name}`)).join(', ')}`,
    );
  }
}

function knownOptions(args: ArgsDef = {}): string[] {
  return Object.entries(args)
    .filter(([, arg]) => arg.type !== 'positional')
    .flatMap(([name, arg]) => [name, ...('alias' in arg && arg.alias ? [arg.alias].flat() : [])]);
}

/** Describes a program that takes no arguments: what it does is said by environment variables. */
export interface Daemon {
  name: string;
  version: string;
  description: string;
}

/** Runs a program that takes no arguments but --help and --version. Others end it with one line and the exit code 2. */
export async function runDaemon(
  { name, version, description }: Daemon,
  main: () => Promise<void>,
  args: readonly string[] = process.argv.slice(2),
): Promise<void> {
  await runApp(name, async () => {
    const [first] = args;
    if (first === undefined) return await main();
    if (first === '--version') return console.log(version);
    if (first !== '--help' && first !== '-h')
      throw new NmcpError(
        'invalid_input',
        `Unknown argument ${first.slice(0, 60)}; ${name} takes --help and --version`,
      );
    console.log(
      `${description} (${name} v${version})\n\nUSAGE ${name}\n\nIts settings are environment variables; docs/settings.md lists them. The least that it needs is none: then it works on\n./data/tasks, without Redis. --version prints the version.\n`,
    );
  });
}
