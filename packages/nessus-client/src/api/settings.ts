import * as v from 'valibot';
import type { CallOptions } from '../call.ts';
import type { NessusClient } from '../nessus_client.ts';
import { listIn, seconds, text } from './fields.ts';

/** An advanced setting. */
export interface AdvancedSetting {
  name: string;
  id?: string | null | undefined;
  value?: string | null | undefined;
}

/** A change of the advanced settings. */
export type SettingChange =
  | { action: 'add'; name: string; value: string }
  | { action: 'edit'; name: string; value: string; id?: string }
  | { action: 'remove'; name: string; id: string };

const SettingsSchema = listIn('preferences', v.looseObject({ name: v.string(), id: text, value: text }));

/** GET /settings/advanced: the advanced settings. */
export function listAdvancedSettings(
  client: NessusClient,
  options: CallOptions = {},
): Promise<AdvancedSetting[]> {
  return client.call(SettingsSchema, 'GET', '/settings/advanced', options);
}

/** PUT /settings/advanced: adds, changes or removes advanced settings. Some take effect after a restart. */
export function changeAdvancedSettings(
  client: NessusClient,
  changes: readonly SettingChange[],
  options: CallOptions = {},
): Promise<void> {
  const body = Object.fromEntries(
    changes.flatMap((change, i) =>
      Object.entries(change).map(([key, value]) => [`setting.${i}.${key}`, value] as const),
    ),
  );
  return client.run('PUT', '/settings/advanced', { ...options, body });
}

/** How the scanner is. */
export interface HealthStats {
  perf_stats_current?: Record<string, unknown> | null | undefined;
  perf_stats_history?: unknown[] | null | undefined;
}

const HealthSchema: v.GenericSchema<unknown, HealthStats> = v.looseObject({
  perf_stats_current: v.nullish(v.record(v.string(), v.unknown())),
  perf_stats_history: v.nullish(v.array(v.unknown())),
});

/** GET /settings/health/stats: processor, memory and scans of the scanner. */
export function getHealthStats(client: NessusClient, options: CallOptions = {}): Promise<HealthStats> {
  return client.call(HealthSchema, 'GET', '/settings/health/stats', options);
}

/** A warning about the scanner's health. */
export interface HealthAlert {
  type?: string | null | undefined;
  message?: string | null | undefined;
  /** Unix seconds. */
  timestamp?: number | null | undefined;
}

const AlertSchema: v.GenericSchema<unknown, HealthAlert> = v.looseObject({
  type: text,
  message: text,
  timestamp: seconds,
});

/** Versions differ in whether the list stands alone. */
const AlertsSchema: v.GenericSchema<unknown, HealthAlert[]> = v.union([
  v.array(AlertSchema),
  listIn('alerts', AlertSchema),
]);

/** GET /settings/health/alerts: warnings about the scanner's health. Times are Unix seconds. */
export function listHealthAlerts(
  client: NessusClient,
  range: { from?: number; to?: number } = {},
  options: CallOptions = {},
): Promise<HealthAlert[]> {
  const query = { start_time: range.from, end_time: range.to };
  return client.call(AlertsSchema, 'GET', '/settings/health/alerts', { ...options, query });
}
