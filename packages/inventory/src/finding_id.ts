/** Which finding, on which asset. */
export interface FindingPlace {
  zone: string;
  identity: string;
  /** What it is there: see `readKey`. */
  key: string;
}

/** A finding's id over all scans, such as `nessus/10.0.0.5/443/tcp/57608`. */
export function findingIdOf({ zone, identity, key }: FindingPlace): string {
  return `${zone}/${identity.replaceAll('%', '%25').replaceAll('/', '%2F')}/${key}`;
}

/** Reads what {@linkcode findingIdOf} wrote; `undefined` for a text that is none. */
export function readFindingId(id: string): FindingPlace | undefined {
  const [, zone, identity, key] = /^([^/]+)\/([^/]+)\/(\d+\/\w+\/\d+(?:\/.*)?)$/.exec(id) ?? [];
  if (zone === undefined || identity === undefined || key === undefined) return undefined;
  return { zone, identity: identity.replaceAll('%2F', '/').replaceAll('%25', '%'), key };
}
