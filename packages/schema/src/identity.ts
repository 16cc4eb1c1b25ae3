import { complianceOf } from './compliance.ts';
import type { Finding } from './finding.ts';
import { hashHex } from './hash_text.ts';
import { variantOf } from './written_text.ts';

/**
 * What a finding is beside its host: port, protocol, plugin, and of a compliance check which check, by its id or else by a hash of
 * its name. Two results of one plugin on one port share it; see {@linkcode identityOf}.
 */
export function kindOf(finding: Finding): string {
  const kind = `${finding.port ?? '0'}/${finding.protocol ?? ''}/${finding.plugin_id ?? ''}`;
  const check = checkOf(finding);
  return check === undefined ? kind : `${kind}/${check}`;
}

/** Kinds of what findings have in common. */
const kinds = new WeakMap<Finding, string>();

/** {@linkcode kindOf} of a finding that nobody has changed since it was read. */
export function kindAsRead(finding: Finding): string {
  const like = variantOf(finding);
  const kind = kinds.get(like) ?? kindOf(like);
  kinds.set(like, kind);
  return kind;
}

/** Which of a plugin's compliance checks a finding is; `undefined` for a finding that is none. */
export function checkOf(finding: Finding): string | undefined {
  const check = complianceOf(finding);
  return check && (check.id || hashHex(check.name));
}

/** Identities of findings that a host has several of. */
const distinguished = new WeakMap<Finding, string>();

/**
 * What makes a finding the same in two scans: host, port, protocol and plugin; of a compliance check which one it is; and where
 * its host has several that share all of these, a hash of the output. Whether there are several is known of findings that
 * `readFindings` has read.
 *
 * @example
 * ```ts
 * import { identityOf, readFindings } from '@nmcp/schema';
 *
 * const item = (output: string) => `<ReportItem port="0" protocol="tcp" severity="2" pluginID="63155"><plugin_output>${output}</plugin_output></ReportItem>`;
 * const xml = `<NessusClientData_v2><Report name="r"><ReportHost name="10.0.0.1">${item('A')}${item('B')}
 *   <ReportItem port="22" protocol="tcp" severity="0" pluginID="10267"/></ReportHost></Report></NessusClientData_v2>`;
 * const identities: string[] = [];
 * for await (const batch of readFindings(new Blob([xml]).stream()))
 *   for (const event of batch) if (event.type === 'finding') identities.push(identityOf(event.finding));
 * console.assert(identities[2] === '10.0.0.1:22/tcp/10267');
 * console.assert(identities[0] !== identities[1] && identities[0]?.startsWith('10.0.0.1:0/tcp/63155#'));
 * ```
 */
export function identityOf(finding: Finding): string {
  return distinguished.get(finding) ?? `${finding.host}:${kindOf(finding)}`;
}

/** Remembers what distinguishes a finding from others of its host. */
export function nameFinding(finding: Finding, identity: string): void {
  distinguished.set(finding, identity);
}

/**
 * Makes names unique: those that are there several times get a hash of what distinguishes them behind them, and where that is
 * the same, too, a number.
 *
 * @param textOf what distinguishes the one at an index; asked for only where it is needed
 */
export function distinguish(names: readonly string[], textOf: (index: number) => string): string[] {
  if (new Set(names).size === names.length) return [...names];
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  const seen = new Map<string, number>();
  return names.map((name, index) => {
    if ((counts.get(name) ?? 0) < 2) return name;
    const hashed = `${name}#${hashHex(textOf(index))}`;
    const before = seen.get(hashed) ?? 0;
    seen.set(hashed, before + 1);
    return before === 0 ? hashed : `${hashed}.${before + 1}`;
  });
}
