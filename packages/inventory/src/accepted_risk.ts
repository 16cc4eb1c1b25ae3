/** A finding that somebody has decided to live with, for some time. */
export interface AcceptedRisk {
  id: string;
  /** Plugin; `undefined` for all. */
  plugin?: number | undefined;
  cve?: string | undefined;
  /** Hosts, as in filters: an address, a network, a name; `undefined` for all. */
  host?: string | undefined;
  reason: string;
  /** Who decided. */
  person: string;
  /** When it ends, in seconds since 1970. */
  until: number;
  /** Seconds since 1970. */
  createdAt: number;
}
