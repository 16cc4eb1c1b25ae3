import { command } from '@nmcp/runtime/cli';
import { NmcpError } from '@nmcp/types';
import type { ArgsDef, CommandDef } from 'citty';

const PROGRAM = 'nmcp-admin';
const SHELLS: Readonly<Record<string, (commands: readonly Completed[]) => string>> = { bash, zsh, fish };

interface Completed {
  /** One word or two. */
  name: string;
  description: string;
  /** With their dashes. */
  options: { name: string; description: string }[];
}

/** The command that prints a completion script, for a list of commands that it is part of. */
export function completionCommand(all: () => Readonly<Record<string, CommandDef>>): CommandDef {
  return command({
    meta: {
      name: 'completion',
      description: 'Print a completion script for bash, zsh or fish',
      examples: ['completion bash', 'completion zsh', 'completion fish'],
    },
    args: { shell: { type: 'positional', required: true, description: Object.keys(SHELLS).join(', ') } },
    run({ args }) {
      const write = Object.hasOwn(SHELLS, args.shell) ? SHELLS[args.shell] : undefined;
      if (!write)
        throw new NmcpError(
          'invalid_input',
          `There is no completion for ${JSON.stringify(args.shell.slice(0, 40))}; expected one of ${Object.keys(SHELLS).join(', ')}`,
        );
      console.log(write(Object.entries(all()).map(completed)));
    },
  });
}

function completed([name, { meta, args }]: [string, CommandDef]): Completed {
  const options = Object.entries((args ?? {}) as ArgsDef).flatMap(([option, { type, description = '' }]) =>
    type === 'positional' ? [] : [{ name: `--${option}`, description }],
  );
  const { description = '' } = meta as { description?: string }; // ours are never functions
  return { name, description, options: [...options, { name: '--help', description: 'Show help' }] };
}

function firstWords(commands: readonly Completed[]): string[] {
  return [...new Set(commands.map(({ name }) => name.split(' ')[0] ?? ''))];
}

/** Second words by first. */
function groups(commands: readonly Completed[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { name } of commands) {
    const [first = '', second] = name.split(' ');
    if (second !== undefined) found.set(first, [...(found.get(first) ?? []), second]);
  }
  return found;
}

function bash(commands: readonly Completed[]): string {
  const cases = commands.map(
    ({ name, options }) => `    '${name}'|'${name} '*) words='${options.map((o) => o.name).join(' ')}' ;;`,
  );
  const seconds = [...groups(commands)].map(
    ([first, words]) => `      ${first}) words='${words.join(' ')}' ;;`,
  );
  return `# ${PROGRAM} completion for bash: eval "$(${PROGRAM} completion bash)"
_nmcp_admin() {
  local word="\${COMP_WORDS[COMP_CWORD]}" words=''
  if [ "$COMP_CWORD" -eq 1 ]; then
    words='${firstWords(commands).join(' ')}'
  elif [ "$COMP_CWORD" -eq 2 ] && [ "\${word:0:1}" != '-' ]; then
    case "\${COMP_WORDS[1]}" in
${seconds.join('\n')}
    esac
  fi
  if [ -z "$words" ]; then
    case "\${COMP_WORDS[1]} \${COMP_WORDS[2]}" in
${cases.join('\n')}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o default -F _nmcp_admin ${PROGRAM}`;
}

function zsh(commands: readonly Completed[]): string {
  const quote = (text: string): string => text.replaceAll("'", "'\\''").replaceAll(':', '\\:');
  const top = firstWords(commands).map((word) => {
    const one = commands.find(({ name }) => name === word);
    return `    '${word}:${quote(one?.description ?? `${word} commands`)}'`;
  });
  const seconds = [...groups(commands)].map(([first, words]) => {
    const lines = words.map((word) => {
      const one = commands.find(({ name }) => name === `${first} ${word}`);
      return `'${word}:${quote(one?.description ?? '')}'`;
    });
    return `    ${first}) second=(${lines.join(' ')}) ;;`;
  });
  const cases = commands.map(
    ({ name, options }) =>
      `    '${name}'|'${name} '*) options=(${options.map((o) => `'${o.name}:${quote(o.description)}'`).join(' ')}) ;;`,
  );
  return `#compdef ${PROGRAM}
# ${PROGRAM} completion for zsh: source <(${PROGRAM} completion zsh)
_nmcp_admin() {
  local -a top second options
  top=(
${top.join('\n')}
  )
  if (( CURRENT == 2 )); then _describe 'command' top; return; fi
  if (( CURRENT == 3 )); then
    case "\${words[2]}" in
${seconds.join('\n')}
    esac
    if (( \${#second} )); then _describe 'command' second; return; fi
  fi
  case "\${words[2]} \${words[3]}" in
${cases.join('\n')}
  esac
  _describe 'option' options || _files
}
compdef _nmcp_admin ${PROGRAM}`;
}

function fish(commands: readonly Completed[]): string {
  const quote = (text: string): string => text.replaceAll("'", "\\'");
  const lines = firstWords(commands).map((word) => {
    const one = commands.find(({ name }) => name === word);
    return `complete -c ${PROGRAM} -f -n __fish_use_subcommand -a ${word} -d '${quote(one?.description ?? '')}'`;
  });
  for (const [first, words] of groups(commands))
    for (const word of words) {
      const one = commands.find(({ name }) => name === `${first} ${word}`);
      lines.push(
        `complete -c ${PROGRAM} -f -n '__fish_seen_subcommand_from ${first}; and not __fish_seen_subcommand_from ${words.join(' ')}' -a ${word} -d '${quote(one?.description ?? '')}'`,
      );
    }
  for (const { name, options } of commands) {
    const condition = name
      .split(' ')
      .map((word) => `__fish_seen_subcommand_from ${word}`)
      .join('; and ');
    for (const option of options)
      lines.push(
        `complete -c ${PROGRAM} -n '${condition}' -l ${option.name.slice(2)} -d '${quote(option.description)}'`,
      );
  }
  return `# ${PROGRAM} completion for fish: ${PROGRAM} completion fish | source\n${lines.join('\n')}`;
}
