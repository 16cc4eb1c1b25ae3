import type { JSX } from 'hono/jsx/jsx-runtime';
import { CheckField, FilterForm, SelectField, TextField } from './forms.tsx';
import { SEVERITIES } from './severities.tsx';

/** Which findings are shown. */
export interface FindingsQuery {
  severity?: string | undefined;
  host?: string | undefined;
  /** Name or number of a plugin. */
  text?: string | undefined;
  cve?: string | undefined;
  /** `yes`: only what an exploit is known for. */
  exploit?: string | undefined;
  port?: string | undefined;
  /** As get_scan_results takes them, in JSON. */
  filters?: string | undefined;
  page: number;
}

/** Whether somebody has asked for certain findings; else informational ones are left out. */
export function isAsked({ page: _, ...asked }: FindingsQuery): boolean {
  return Object.values(asked).some((value) => value !== undefined);
}

/** Severities to choose from: from one on. */
export const SEVERITY_OPTIONS: readonly { value: string; word: string }[] = [
  { value: '', word: 'any' },
  ...SEVERITIES.slice(0, 4).map(({ level, word }) => ({
    value: `>=${level}`,
    word: level === 4 ? word : `${word} or worse`,
  })),
];

/** The bar above the findings, in words; filters as JSON are behind "more". */
export function FindingsFilter({ action, query }: { action: string; query: FindingsQuery }): JSX.Element {
  const known = SEVERITY_OPTIONS.some(({ value }) => value === (query.severity ?? ''));
  const only = SEVERITIES.find(({ level }) => query.severity === `=${level}`);
  const options =
    known || !only
      ? SEVERITY_OPTIONS
      : [...SEVERITY_OPTIONS, { value: `=${only.level}`, word: `only ${only.word.toLowerCase()}` }];
  return (
    <FilterForm action={action}>
      <SelectField word="Severity" name="severity" value={query.severity} options={options} />
      <TextField word="Host" name="host" value={query.host} placeholder="10.0.0.5 or 10.0.0.0/24" />
      <TextField word="Plugin" name="text" value={query.text} placeholder="name or number" />
      <TextField word="CVE" name="cve" value={query.cve} placeholder="CVE-2021-44228" />
      <CheckField word="An exploit is known" name="exploit" isOn={query.exploit === 'yes'} />
      <details open={query.port !== undefined || query.filters !== undefined}>
        <summary>More</summary>
        <TextField word="Port" name="port" value={query.port} placeholder="443" />
        <TextField
          word="Filters as get_scan_results takes them, in JSON"
          name="filters"
          value={query.filters}
          placeholder={'{"vpr_score": {"gte": 7}}'}
        />
      </details>
    </FilterForm>
  );
}
