import { isInPortRange } from '@nmcp/results';
import type { HostFacts } from '@nmcp/schema';
import { type AssetListing, type AssetService, PORT_PLUGINS, SOFTWARE_PLUGINS } from '../asset_facts.ts';
import { DEFAULT_RANGE, ranPlugin, type ScanEvidence } from '../evidence.ts';
import type { StoredAsset } from '../store/inventory_store.ts';

/** What is known of an asset after its newest scan. A scan that did not list something leaves what was known of it. */
export function factsOf(
  facts: HostFacts,
  { services, software, cpes, device_type }: AssetListing,
  { before, evidence }: { before: Pick<StoredAsset, 'facts' | 'software'>; evidence: ScanEvidence },
): Pick<StoredAsset, 'facts' | 'software'> {
  const known: Partial<HostFacts> & { services?: AssetService[]; device_type?: string } = JSON.parse(
    before.facts,
  );
  const ran = (plugin: number): boolean => ranPlugin(evidence, plugin);
  const isListed = facts.credentialed === 'success' && SOFTWARE_PLUGINS.some(ran);
  const isScanned = PORT_PLUGINS.some(ran);
  const isStillThere = ({ port, protocol }: AssetService): boolean =>
    !isScanned || !isInRange(evidence.ports, port, protocol);
  const type = device_type ?? known.device_type;
  return {
    facts: JSON.stringify({
      ...known,
      ...facts,
      ...(type ? { device_type: type } : {}),
      services: withKnown(services, (known.services ?? []).filter(isStillThere)),
    }),
    software:
      software.length + cpes.length > 0
        ? JSON.stringify({ software, cpes })
        : isListed
          ? ''
          : before.software,
  };
}

/** Of a range that is not stated, or that no report lists, a scan that looked for open ports says what there is. */
function isInRange(ports: string | undefined, port: number, protocol: string): boolean {
  return (
    ports === undefined || ports === 'all' || ports === DEFAULT_RANGE || isInPortRange(ports, port, protocol)
  );
}

function withKnown(services: readonly AssetService[], known: readonly AssetService[]): AssetService[] {
  const keyOf = ({ port, protocol }: AssetService): string => `${port}/${protocol}`;
  const all = new Map([...known, ...services].map((service) => [keyOf(service), service]));
  return [...all.values()].sort((a, b) => a.port - b.port);
}
