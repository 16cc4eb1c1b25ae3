import type { SimulatedPlugin } from './plugin.ts';
import { PLUGIN_OUTPUTS } from './plugin_outputs.ts';
import plugins from './plugins.json' with { type: 'json' };

/** A plugin in the file: its text is there when it is the same on every host. */
type StoredPlugin = Omit<SimulatedPlugin, 'output'> & { output?: string };

// of our own writing; to the compiler, its words are any text
const STORED = plugins as readonly StoredPlugin[];

/** The plugins of the simulated feed: every kind of field that real exports have occurs in one of them. */
export const CATALOGUE: readonly SimulatedPlugin[] = STORED.map(({ output: text, ...plugin }) => {
  const output = text === undefined ? PLUGIN_OUTPUTS[plugin.id] : () => text;
  return output ? { ...plugin, output } : plugin;
});
