import { DEFAULT_PROFILE, NmcpError, SCHEMA_PROFILES, type SchemaProfile } from '@nmcp/types/core';
import type { FieldValue, Finding } from './finding.ts';
import { HOST_FIELDS } from './host_facts.ts';

const MINIMAL = ['host', 'plugin_id', 'severity', 'cve', 'cvss_score', 'exploit_available'];
const SUMMARY = [...MINIMAL, 'plugin_name', 'cvss3_base_score', 'synopsis'];
const BRIEF = [...SUMMARY, 'description', 'solution'];

/** What people read of a finding: where it is, what it is, what to do, what was seen. */
const FINDINGS = [
  ...['host', 'port', 'protocol', 'svc_name', 'severity', 'plugin_id', 'plugin_name', 'plugin_family', 'cve'],
  ...[
    'cvss_score',
    'vpr_score',
    'epss_score',
    'exploit_available',
    'cisa-known-exploited',
    'synopsis',
    'solution',
  ],
  ...['plugin_output', 'attachment_name', 'attachment_type'],
  ...[
    'cm:compliance-check-name',
    'cm:compliance-result',
    'cm:compliance-actual-value',
    'cm:compliance-policy-value',
  ],
  ...['cm:compliance-reference', 'sources', ...HOST_FIELDS],
];

const COMPLIANCE = [
  ...['host', 'host_ip', 'host_fqdn', 'os', 'severity', 'plugin_id'],
  ...[
    ...[
      'check-name',
      'check-id',
      'result',
      'actual-value',
      'policy-value',
      'reference',
      'info',
      'solution',
      'see-also',
    ],
    ...['audit-file', 'benchmark-name', 'benchmark-version', 'benchmark-profile'],
  ].map((name) => `cm:compliance-${name}`),
];

/** Fields of each profile; `undefined` means all. */
export const PROFILE_FIELDS: Readonly<Record<SchemaProfile, readonly string[] | undefined>> = {
  minimal: MINIMAL,
  summary: SUMMARY,
  brief: BRIEF,
  full: undefined,
  findings: FINDINGS,
  compliance: COMPLIANCE,
};

/** Which fields an answer has. */
export interface Projection {
  /** The profile's name, or `custom`. */
  profile: SchemaProfile | 'custom';
  /** Field names in their order; `undefined` means all. */
  fields: readonly string[] | undefined;
}

/**
 * Decides the fields of an answer from what the caller asked for.
 *
 * @throws {NmcpError} `invalid_input` on an unknown profile, or on a profile together with a list of fields.
 */
export function chooseProjection(
  profile: string = DEFAULT_PROFILE,
  customFields?: readonly string[],
): Projection {
  if (!isProfile(profile)) {
    throw new NmcpError(
      'invalid_input',
      `schema_profile ${JSON.stringify(profile.slice(0, 40))} is unknown; expected one of ${SCHEMA_PROFILES.join(', ')}`,
      { title: 'Invalid schema_profile' },
    );
  }
  if (customFields === undefined) return { profile, fields: PROFILE_FIELDS[profile] };
  if (profile !== DEFAULT_PROFILE) {
    throw new NmcpError(
      'invalid_input',
      `schema_profile ${profile} and custom_fields are mutually exclusive; give one of them`,
      { title: 'Cannot specify both schema_profile and custom_fields' },
    );
  }
  return { profile: 'custom', fields: [...new Set(customFields)] };
}

/** A finding reduced to some fields, in their order; `type` always stays. */
export function project(finding: Finding, fields: readonly string[] | undefined): Record<string, FieldValue> {
  if (fields === undefined) return finding;
  const projected: Record<string, FieldValue> = { type: finding.type };
  for (const field of fields) {
    const value = finding[field];
    if (value !== undefined) projected[field] = value;
  }
  return projected;
}

function isProfile(text: string): text is SchemaProfile {
  return (SCHEMA_PROFILES as readonly string[]).includes(text); // widened, so that any text may be looked for
}
