import { OCSF_RULES } from './ocsf_test_rules.ts';

const CLASS_NAMES: Readonly<Record<number, string>> = {
  2002: 'vulnerability_finding',
  2003: 'compliance_finding',
  2004: 'detection_finding',
};

/** Values of OCSF's own types. */
const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string' && value !== '',
  url: (value) => typeof value === 'string' && URL.canParse(value),
  integer: Number.isInteger,
  long: Number.isInteger,
  timestamp: (value) => Number.isInteger(value) && (value as number) >= 0,
  port: (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) < 65_536,
  float: (value) => typeof value === 'number',
  boolean: (value) => typeof value === 'boolean',
  json: (value) => value !== undefined,
  object: (value) => typeof value === 'object',
  ip: (value) => /^(?:\d{1,3}(?:\.\d{1,3}){3}|[\da-f:]*:[\da-f:]*)$/i.test(String(value)),
  mac: (value) => /^[\da-f]{2}(?::[\da-f]{2}){5}$/i.test(String(value)),
  hostname: (value) => /^[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?$/i.test(String(value)),
};

/** What an event does against OCSF 1.3: one sentence each. */
export function ocsfFaults(event: Record<string, unknown>): string[] {
  const name = CLASS_NAMES[Number(event.class_uid)];
  if (name === undefined) return [`class_uid ${event.class_uid} is none of the finding classes`];
  const faults = objectFaults(event, name, name);
  if (event.type_uid !== Number(event.class_uid) * 100 + Number(event.activity_id))
    faults.push(`type_uid ${event.type_uid} does not follow from class and activity`);
  return faults;
}

function objectFaults(value: unknown, kind: string, where: string): string[] {
  const rules = OCSF_RULES[kind];
  if (!rules) return [`${where}: the object ${kind} has no rules here`];
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${where} is no object`];
  const faults: string[] = [];
  const known = new Map(
    rules.attributes.split(' ').map((text) => {
      const [name = '', type = ''] = text.replace('!', '').split(':');
      if (text.endsWith('!') && !(name in value)) faults.push(`${where}.${name} is required`);
      return [name, type];
    }),
  );
  const oneOf = rules.atLeastOne?.split(' ');
  if (oneOf && !oneOf.some((name) => name in value)) faults.push(`${where} has none of ${oneOf.join(', ')}`);
  for (const [name, member] of Object.entries(value)) {
    const type = known.get(name);
    if (type === undefined) faults.push(`${where}.${name} is no attribute of ${kind}`);
    else faults.push(...memberFaults(member, type, `${where}.${name}`));
  }
  return faults;
}

function memberFaults(value: unknown, type: string, where: string): string[] {
  if (type.endsWith('[]')) {
    if (!Array.isArray(value)) return [`${where} is no list`];
    return value.flatMap((item, index) => memberFaults(item, type.slice(0, -2), `${where}.${index}`));
  }
  const test = TYPES[type];
  if (!test) return objectFaults(value, type, where);
  return test(value) ? [] : [`${where}: ${JSON.stringify(value)} is no ${type}`];
}
