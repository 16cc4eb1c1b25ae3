import * as v from 'valibot';
import type { CallOptions } from '../call.ts';
import type { NessusClient } from '../nessus_client.ts';
import { flag, listIn, text } from './fields.ts';

/** A scan's schedule. */
export interface ScanSchedule {
  enabled?: boolean | null | undefined;
  control?: boolean | null | undefined;
  rrules?: string | null | undefined;
  starttime?: string | null | undefined;
  timezone?: string | null | undefined;
}

const ScheduleSchema: v.GenericSchema<unknown, ScanSchedule> = v.looseObject({
  enabled: flag,
  control: flag,
  rrules: text,
  starttime: text,
  timezone: text,
});

/** PUT /scans/{id}/schedule: turns a scan's schedule on or off. */
export function scheduleScan(
  client: NessusClient,
  scanId: number,
  enabled: boolean,
  options: CallOptions = {},
): Promise<ScanSchedule> {
  return client.call(ScheduleSchema, 'PUT', `/scans/${scanId}/schedule`, { ...options, query: { enabled } });
}

/** A time zone that a schedule can have. */
export interface TimeZone {
  name?: string | null | undefined;
  value?: string | null | undefined;
}

const TimeZonesSchema = listIn('timezones', v.looseObject({ name: text, value: text }));

/** GET /scans/timezones: the time zones of schedules. */
export function listTimeZones(client: NessusClient, options: CallOptions = {}): Promise<TimeZone[]> {
  return client.call(TimeZonesSchema, 'GET', '/scans/timezones', options);
}
