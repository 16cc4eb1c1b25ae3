// Thirty questions, some with a host of the truth. Each has the calls that a model makes of it, which answer a value, and the
// same value from the truth.
const hostsOf = (findings) => new Set(findings.map(({ host }) => host)).size;
const count = (items, test) => items.filter(test).length;
const lines = (text) => text.split('\n').map((line) => JSON.parse(line));
const found = (text) => lines(text).filter(({ type }) => type === 'vulnerability');
const inNetwork =
  (prefix) =>
  ({ host }) =>
    host.startsWith(prefix);

/** Findings that filters select, by one call that counts them. */
const counted =
  (filters, what = 'matching_findings', group_by = 'severity') =>
  async ({ json, later }) =>
    (await json('get_scan_summary', { task_id: later, group_by, top: 1, filters }))[what];

export const QUESTIONS = [
  [
    'How many hosts answered in the later scan?',
    async ({ json, later }) => (await json('get_scan_summary', { task_id: later })).hosts,
    ({ later }) => later.hosts.length,
  ],
  [
    'How many critical findings are there?',
    counted({ severity: 'critical' }),
    ({ later }) => count(later.findings, ({ severity }) => severity === 4),
  ],
  [
    'How many findings are high or worse?',
    counted({ severity: '>=high' }),
    ({ later }) => count(later.findings, ({ severity }) => severity >= 3),
  ],
  [
    'How many findings are there without info?',
    async ({ json, later }) => (await json('get_scan_summary', { task_id: later })).findings_above_info,
    ({ later }) => count(later.findings, ({ severity }) => severity > 0),
  ],
  [
    'How many hosts run Windows?',
    counted({ os: 'windows' }, 'matching_hosts', 'os'),
    ({ later }) => count(later.hosts, ({ properties }) => /windows/i.test(properties['operating-system'])),
  ],
  [
    'How many findings are there in 10.20.3.0/24?',
    counted({ host: '10.20.3.0/24' }),
    ({ later }) => count(later.findings, inNetwork('10.20.3.')),
  ],
  [
    'How many in the lower half of 10.20.2.0/24?',
    counted({ host: '10.20.2.0-10.20.2.127' }),
    ({ later }) =>
      count(
        later.findings,
        ({ host }) => inNetwork('10.20.2.')({ host }) && Number(host.split('.')[3]) < 128,
      ),
  ],
  [
    ({ later }) => `How many findings has ${later.hosts[0].name}?`,
    async ({ json, later, truth }) => counted({ host: truth.later.hosts[0].name })({ json, later }),
    ({ later }) => later.hosts[0].findings.length,
  ],
  [
    'How many hosts have a finding on port 80?',
    counted({ port: '80' }, 'matching_hosts'),
    ({ later }) => hostsOf(later.findings.filter(({ port }) => port === '80')),
  ],
  [
    'How many findings are on port 443?',
    counted({ port: 443 }),
    ({ later }) => count(later.findings, ({ port }) => port === '443'),
  ],
  [
    'On how many hosts is Log4Shell, CVE-2021-44228?',
    counted({ cve: 'CVE-2021-44228' }, 'matching_hosts'),
    ({ later }) => hostsOf(later.findings.filter(({ cve }) => cve.includes('CVE-2021-44228'))),
  ],
  [
    'On how many hosts does plugin 51192 report?',
    counted({ plugin_id: '51192' }, 'matching_hosts'),
    ({ later }) => hostsOf(later.findings.filter(({ pluginID }) => pluginID === '51192')),
  ],
  [
    'How many Linux hosts have a finding with a known exploit?',
    counted({ os: 'linux', exploit_available: true }, 'matching_hosts'),
    ({ later }) =>
      hostsOf(
        later.findings.filter(
          ({ host, exploit_available }) =>
            exploit_available === 'true' && /linux/i.test(later.host(host).properties['operating-system']),
        ),
      ),
  ],
  [
    'On how many hosts did the login work wholly?',
    counted({ credentialed: 'success' }, 'matching_hosts'),
    ({ later }) => count(later.hosts, ({ login }) => login === 'success'),
  ],
  [
    'On how many hosts did the login fail?',
    counted({ credentialed: 'failed' }, 'matching_hosts'),
    ({ later }) => count(later.hosts, ({ login }) => login === 'failed'),
  ],
  [
    'Which update removes most, and to which version?',
    async ({ json, later }) => {
      const { groups } = await json('get_scan_summary', {
        task_id: later,
        group_by: 'fix',
        filters: { solution: 'upgrade to' },
        top: 3,
      });
      return groups[0].value;
    },
    () => 'Update Apache to 2.4.64 or later',
  ],
  [
    'How many findings does an update of Apache remove?',
    async ({ json, later }) => {
      const { groups } = await json('get_scan_summary', {
        task_id: later,
        group_by: 'fix',
        filters: { solution: 'upgrade to apache version' },
        top: 3,
      });
      return groups.find(({ value }) => value.startsWith('Update Apache to')).findings;
    },
    ({ later }) => count(later.findings, ({ pluginID }) => /^18010[123]$/.test(pluginID)),
  ],
  [
    'On how many hosts does an update of Apache remove findings?',
    async ({ json, later }) => {
      const { groups } = await json('get_scan_summary', {
        task_id: later,
        group_by: 'fix',
        filters: { solution: 'upgrade to apache version' },
        top: 3,
      });
      return groups.find(({ value }) => value.startsWith('Update Apache to')).hosts;
    },
    ({ later }) => hostsOf(later.findings.filter(({ pluginID }) => /^18010[123]$/.test(pluginID))),
  ],
  [
    ({ later }) => `Which operating system does ${later.hosts[1].name} run?`,
    async ({ text, later, truth }) =>
      found(
        await text('get_scan_results', {
          task_id: later,
          filters: { host: truth.later.hosts[1].name },
          custom_fields: ['os'],
          max_tokens: 500,
        }),
      )[0].os,
    ({ later }) => later.hosts[1].properties['operating-system'],
  ],
  [
    ({ later }) => `What is the DNS name of ${later.hosts[1].name}?`,
    async ({ text, later, truth }) =>
      found(
        await text('get_scan_results', {
          task_id: later,
          filters: { host: truth.later.hosts[1].name },
          custom_fields: ['host_fqdn'],
          max_tokens: 500,
        }),
      )[0].host_fqdn,
    ({ later }) => later.hosts[1].properties['host-fqdn'],
  ],
  [
    'What solves plugin 57608?',
    async ({ text, later }) =>
      found(
        await text('get_scan_results', {
          task_id: later,
          filters: { plugin_id: 57608 },
          custom_fields: ['solution'],
          max_tokens: 600,
        }),
      )[0].solution,
    ({ later }) => later.findings.find(({ pluginID }) => pluginID === '57608').solution,
  ],
  [
    'Which of the two scans called Campus weekly ran last, by its task_id?',
    async ({ json }) =>
      (await json('list_tasks', { limit: 3, target_filter: '10.20.0.0/16' })).tasks[0].task_id,
    ({ ids }) => ids.later,
  ],
  [
    'On which day did the earlier one run?',
    async ({ json, earlier }) =>
      (await json('get_scan_status', { task_id: earlier })).scan_start.slice(0, 10),
    ({ earlier }) =>
      new Date(
        Math.min(...earlier.hosts.map(({ properties }) => Number(properties.HOST_START_TIMESTAMP))) * 1000,
      )
        .toISOString()
        .slice(0, 10),
  ],
  [
    'How many hosts did the later scan not reach any more?',
    async ({ compared }) => (await compared({ top: 1 })).hosts.gone.total,
    ({ change }) => change.gone.length,
  ],
  [
    'How many hosts were added?',
    async ({ compared }) => (await compared({ top: 1 })).hosts.added.total,
    ({ change }) => change.added.length,
  ],
  [
    'How many findings of high or worse were really fixed?',
    async ({ compared }) => (await compared({ severity: '>=high', top: 1 })).fixed.total,
    ({ change }) => count(change.fixed, ({ severity }) => severity >= 3),
  ],
  [
    'How many findings are new on hosts that were scanned before?',
    async ({ compared }) => (await compared({ top: 1 })).new.total,
    ({ change }) => change.new.length,
  ],
  [
    'How many of the earlier findings could the later scan not see, because of the login, and because of plugins?',
    async ({ compared }) => {
      const { login, plugin } = (await compared({ top: 1 })).not_looked.by_reason;
      return `${login} ${plugin}`;
    },
    ({ change }) => `${change.notLooked.login.length} ${change.notLooked.plugin.length}`,
  ],
  [
    'How many findings are there in 10.99.0.0/16, and is it true that no host of it was scanned?',
    async ({ json, later }) => {
      const { matching_findings, empty } = await json('get_scan_summary', {
        task_id: later,
        group_by: 'host',
        filters: { host: '10.99.0.0/16' },
      });
      return `${matching_findings} ${/hosts are there/.test(empty.why)}`;
    },
    () => '0 true',
  ],
  [
    'How many findings try to give orders to whoever reads them?',
    counted({ suspicious_text: true }),
    ({ later }) =>
      count(later.findings, ({ plugin_output = '' }) => /Ignore all previous/.test(plugin_output)),
  ],
];
