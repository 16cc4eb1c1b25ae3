/** What a scanner's entry logs in with: one of them for a session, the other with keys. */
const LOGINS = {
  s1: 'username: admin, password: simulator',
  s2: 'access_key: simulator-access-key, secret_key: simulator-secret-key',
};

/** How scanners.yaml can be changed while scans run. */
export const VARIANTS = {
  all: (entries) => entries,
  'without s1': ({ s2 }) => ({ s2 }),
  'without s2': ({ s1 }) => ({ s1 }),
  's1 renamed': ({ s1, s2 }) => ({ s9: s1, s2 }),
  's1 disabled': ({ s1, s2 }) => ({ s1: `${s1}, enabled: false`, s2 }),
  's1 with keys': ({ s1, s2 }) => ({ s1: s1.replace(LOGINS.s1, LOGINS.s2), s2 }),
  broken: ({ s1 }) => ({ s1: s1.replace('url:', 'address:') }),
};

/** The text of scanners.yaml in one of its variants. */
export function scannersFile(variant, ports) {
  const all = Object.fromEntries(
    Object.entries(LOGINS).map(([id, login]) => [
      id,
      `name: ${id}, url: "http://127.0.0.1:${ports[id]}", ${login}, max_concurrent_scans: 4`,
    ]),
  );
  const entries = Object.entries(VARIANTS[variant](all));
  return `nessus:\n${entries.map(([id, entry]) => `  - {instance_id: ${id}, ${entry}}\n`).join('')}`;
}
