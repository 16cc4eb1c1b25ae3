import type { FieldValue, Host } from './finding.ts';
import type { LoginNotes, LoginOutcome } from './login_notes.ts';
import { timeOf } from './scan_times.ts';

/** Fields that every finding of a host has in common, in their order. */
export const HOST_FIELDS = [
  'host_ip',
  'host_fqdn',
  'netbios',
  'mac',
  'os',
  'credentialed',
  'host_start',
  'host_end',
] as const;

const HOST_FIELD_SET: ReadonlySet<string> = new Set(HOST_FIELDS);

/** Whether a field is the host's, so that its value is the same on all of the host's findings; also `host` itself. */
export function isHostField(field: string): boolean {
  return field === 'host' || HOST_FIELD_SET.has(field);
}

/** Whether a field is another one on each host; lists of files are told by findings, too. */
export function differsByHost(field: string): boolean {
  return field === 'plugin_output' || field === 'sources' || isHostField(field);
}

/** What a report says of a host beside its name. A fact that it does not state is absent. */
export interface HostFacts {
  /** The address that the scanner used. */
  host_ip?: string;
  /** A list where there are several. */
  host_fqdn?: string | readonly string[];
  netbios?: string;
  /** A list where there are several. */
  mac?: string | readonly string[];
  /** The operating system, as the scanner took it to be; several guesses are a list. */
  os?: string | readonly string[];
  /** How the scanner's login went; `none` where nothing says that there was one. */
  credentialed: LoginOutcome;
  /** When the scan of the host began; ISO 8601 in UTC. */
  host_start?: string;
  /** When it ended. */
  host_end?: string;
  // `undefined` for those who compile without exactOptionalPropertyTypes
  [field: string]: FieldValue | undefined;
}

/** A host's facts, when all of its findings were seen. */
export function hostFacts({ name, properties }: Host, login: LoginNotes): HostFacts {
  const ip = properties['host-ip'] || (/^\d{1,3}(?:\.\d{1,3}){3}$|:.*:/.test(name) ? name : '');
  const facts: [keyof HostFacts, readonly string[]][] = [
    ['host_ip', linesOf(ip)],
    ['host_fqdn', namesOf(properties)],
    ['netbios', linesOf(properties['netbios-name'])],
    ['mac', linesOf(properties['mac-address'])],
    ['os', linesOf(properties['operating-system'])],
    ['credentialed', [login.outcome]],
    ['host_start', timesOf(properties, 'HOST_START')],
    ['host_end', timesOf(properties, 'HOST_END')],
  ];
  const stated = facts.filter(([, values]) => values.length > 0);
  return Object.fromEntries(
    stated.map(([field, values]) => [field, values.length === 1 ? values[0] : values]),
  ) as HostFacts; // of those fields
}

type Properties = Host['properties'];

function linesOf(text = ''): string[] {
  const lines = text.split('\n').map((line) => line.trim());
  return [...new Set(lines.filter((line) => line !== ''))];
}

function timesOf(properties: Properties, name: string): string[] {
  const time = timeOf(properties, name);
  return time === undefined ? [] : [new Date(time).toISOString()];
}

/** Newer scanners write `[{"FQDN": "a.example.org", "sources": [...]}]` under host-fqdns. */
function namesOf(properties: Properties): string[] {
  const listed = properties['host-fqdns'];
  const names = [...linesOf(properties['host-fqdn']), ...(listed === undefined ? [] : fqdnsOf(listed))];
  return [...new Set(names.length > 0 ? names : linesOf(properties['host-rdns']))];
}

function fqdnsOf(json: string): string[] {
  try {
    const entries: unknown = JSON.parse(json);
    if (!Array.isArray(entries)) return [];
    return entries.flatMap((entry: { FQDN?: unknown } | null) =>
      typeof entry?.FQDN === 'string' ? linesOf(entry.FQDN) : [],
    );
  } catch {
    return [];
  }
}
