import * as v from 'valibot';
import { expect, test } from 'vitest';
import { CATALOGUE } from './catalogue.ts';
import type { HostKind } from './host.ts';
import type { LoginOutcome, SimulatedPlugin } from './plugin.ts';
import { PLUGIN_OUTPUTS } from './plugin_outputs.ts';

const KINDS: readonly HostKind[] = ['linux', 'windows', 'network', 'printer'];
const LOGINS: readonly LoginOutcome[] = ['none', 'success', 'insufficient', 'failed'];
const texts = v.union([v.string(), v.array(v.string())]);

/** What the compiler would say of plugins.json, were its words not any text to it. */
const PluginSchema: v.GenericSchema<unknown, SimulatedPlugin> = v.strictObject({
  id: v.number(),
  name: v.string(),
  family: v.string(),
  severity: v.picklist([0, 1, 2, 3, 4]),
  port: v.number(),
  service: v.string(),
  protocol: v.picklist(['tcp', 'udp', 'icmp']),
  on: v.exactOptional(v.array(v.picklist(KINDS))),
  chance: v.exactOptional(v.pipe(v.number(), v.minValue(0), v.maxValue(1))),
  login: v.exactOptional(v.array(v.picklist(LOGINS))),
  synopsis: v.string(),
  description: v.string(),
  solution: v.string(),
  details: v.exactOptional(v.record(v.string(), texts)),
  attachment: v.exactOptional(v.strictObject({ name: v.string(), type: v.string() })),
  output: v.exactOptional(v.custom<() => string>((value) => typeof value === 'function')),
});

test('the catalogue holds plugins, each once', () => {
  for (const plugin of CATALOGUE) v.parse(PluginSchema, plugin);
  expect(new Set(CATALOGUE.map(({ id }) => id)).size).toBe(CATALOGUE.length);
});

test('every output belongs to a plugin that has no text of its own', () => {
  const wanted = Object.keys(PLUGIN_OUTPUTS).map(Number);
  expect(CATALOGUE.filter(({ output }) => wanted.some((id) => PLUGIN_OUTPUTS[id] === output))).toHaveLength(
    wanted.length,
  );
});
