/** What a finding is beside its asset. */
export interface FindingKey {
  /** 0 for the host as a whole. */
  port: number;
  protocol: string;
  plugin: number;
  /** Of a compliance check, whose plugin reports many; else empty. */
  check: string;
}

/** Reads the text of a kind: `445/tcp/57608`, and of a compliance check `0/tcp/21156/1.1.2`. */
export function readKey(kind: string): FindingKey {
  const [port = '', protocol = '', plugin = '', ...check] = kind.split('/');
  return {
    port: Number.parseInt(port, 10) || 0,
    protocol,
    plugin: Number.parseInt(plugin, 10) || 0,
    check: check.join('/'),
  };
}
