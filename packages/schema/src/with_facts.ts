import type { Finding } from './finding.ts';
import type { HostFacts } from './host_facts.ts';
import { noteVariant } from './written_text.ts';

/** A finding with its host's fields. */
export function withFacts(finding: Finding, facts: HostFacts | undefined): Finding {
  return facts === undefined ? finding : noteVariant(Object.assign({ ...finding }, facts), finding);
}
