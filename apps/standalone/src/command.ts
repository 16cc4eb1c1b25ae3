import { type ArgsDef, type CommandDef, defineCommand } from 'citty';

/** Defines a command whose `run` knows the types of its arguments; outside they do not matter. */
export function command<A extends ArgsDef>(definition: CommandDef<A>): CommandDef {
  // citty runs it with what it parsed by these very arguments
  return defineCommand(definition) as unknown as CommandDef;
}
