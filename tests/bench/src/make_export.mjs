// Writes a .nessus export as real scans are: plugins by Zipf's law over the hosts, their static texts repeated on every
// host, plugin_output different everywhere.
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { seededRandom } from '@nmcp/test-support';

const WORDS =
  'remote host server version vulnerability attacker service affected package update security protocol allows execute arbitrary code certificate kernel library buffer overflow denial memory access privilege user input multiple issues could exploit unauthenticated via crafted request known patch vendor advisory SSL cipher port listening detected installed registry policy configuration default credentials &amp; &lt;script&gt; path'.split(
    ' ',
  );

function text(next, words) {
  const out = [];
  for (let i = 0; i < words; i++) out.push(WORDS[Math.floor(next() * WORDS.length)]);
  return `${out.join(' ')}.`;
}

function makePlugin(id, next) {
  const severity = [0, 0, 0, 0, 1, 2, 2, 3, 3, 4][Math.floor(next() * 10)];
  const name = text(next, 6);
  const family = [
    'General',
    'Web Servers',
    'Windows',
    'Service detection',
    'Misc.',
    'Ubuntu Local Security Checks',
  ][Math.floor(next() * 6)];
  const year = 2010 + Math.floor(next() * 16);
  const cves = Array.from(
    { length: severity === 0 ? 0 : 1 + Math.floor(next() * 4) },
    () => `<cve>CVE-${year}-${1000 + Math.floor(next() * 50000)}</cve>\n`,
  ).join('');
  const score = (severity * 2 + next() * 2).toFixed(1);
  const scores =
    severity === 0
      ? ''
      : `<cvss3_base_score>${score}</cvss3_base_score>\n<cvss3_vector>CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H</cvss3_vector>\n<cvss_base_score>${score}</cvss_base_score>\n<cvss_vector>CVSS2#AV:N/AC:L/Au:N/C:P/I:P/A:P</cvss_vector>\n<exploit_available>${next() < 0.4}</exploit_available>\n<exploitability_ease>Exploits are available</exploitability_ease>\n<vpr_score>${(next() * 10).toFixed(1)}</vpr_score>\n`;
  const statics = `<description>${text(next, 60 + Math.floor(next() * 120))}</description>\n${cves}${scores}<fname>p_${id}.nasl</fname>\n<plugin_modification_date>2025/0${1 + Math.floor(next() * 9)}/11</plugin_modification_date>\n<plugin_name>${name}</plugin_name>\n<plugin_publication_date>${year}/03/14</plugin_publication_date>\n<plugin_type>remote</plugin_type>\n<risk_factor>${['None', 'Low', 'Medium', 'High', 'Critical'][severity]}</risk_factor>\n<script_version>1.${id % 90}</script_version>\n<see_also>https://example.org/advisory/${id}\nhttps://example.org/more/${id}</see_also>\n<solution>${text(next, 20)}</solution>\n<synopsis>${text(next, 10)}</synopsis>\n<xref>IAVA:2021-A-${id % 1000}</xref>\n<xref>CEA-ID:CEA-2021-${id % 100}</xref>\n`;
  const [port, service] = [
    [0, 'general'],
    [22, 'ssh'],
    [80, 'www'],
    [443, 'www'],
    [445, 'cifs'],
    [3389, 'msrdp'],
  ][Math.floor(next() * 6)];
  return {
    id,
    head: `<ReportItem port="${port}" svc_name="${service}" protocol="tcp" severity="${severity}" pluginID="${id}" pluginName="${name}" pluginFamily="${family}">\n${statics}`,
  };
}

/** Ranks drawn by Zipf's law, without one rank twice for a host. */
function makeZipf(count, next) {
  const sums = new Float64Array(count);
  let sum = 0;
  for (let rank = 0; rank < count; rank++) sums[rank] = sum += 1 / (rank + 1);
  return () => {
    const wanted = next() * sum;
    let [low, high] = [0, count - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sums[middle] < wanted) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}

/**
 * @param {string} path
 * @param {{bytes?: number, hosts?: number, findingsPerHost?: number, plugins?: number, seed?: number, drop?: number, firstHost?: number, note?: string}} options
 *   the document ends after so many bytes or hosts; `drop` leaves out that share of the findings, by the seed; `note` stands in the
 *   first output of each host
 * @returns {{bytes: number, hosts: number, findings: number}}
 */
export function makeExport(
  path,
  {
    bytes = Infinity,
    hosts = Infinity,
    findingsPerHost = 200,
    plugins = 3000,
    seed = 1,
    drop = 0,
    firstHost = 0,
    note = '',
  } = {},
) {
  const next = seededRandom(seed);
  const catalogue = Array.from({ length: plugins }, (_, i) => makePlugin(10_000 + i * 7, next));
  const zipf = makeZipf(plugins, next);
  const dropped = seededRandom(seed + drop * 1000);
  const file = openSync(path, 'w');
  let [written, host, findings, buffer] = [0, 0, 0, ''];
  const put = (piece) => {
    buffer += piece;
    if (buffer.length < 1 << 20) return;
    written += writeSync(file, buffer);
    buffer = '';
  };
  put(
    `<?xml version="1.0" ?>\n<NessusClientData_v2>\n<Policy><policyName>Advanced Scan</policyName>\n<Preferences><ServerPreferences><preference><name>plugin_set</name>\n<value>${Array.from({ length: 60_000 }, (_, i) => 10_000 + i * 3).join(';')}</value>\n</preference>\n</ServerPreferences></Preferences>\n</Policy>\n<Report name="bench" xmlns:cm="http://www.nessus.org/cm">\n`,
  );
  for (; host < hosts && written + buffer.length < bytes; host++) {
    const number = firstHost + host;
    const ip = `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`;
    put(
      `<ReportHost name="${ip}"><HostProperties><tag name="host-ip">${ip}</tag>\n<tag name="operating-system">Linux Kernel 5.15</tag>\n<tag name="HOST_START">Tue Nov 24 11:05:00 2026</tag>\n</HostProperties>\n`,
    );
    const seen = new Set();
    while (seen.size < findingsPerHost) seen.add(zipf());
    const [first] = seen;
    for (const rank of seen) {
      const plugin = catalogue[rank];
      const output = `\nOn ${ip} the check ${plugin.id} found :\n\n  Path    : /opt/app-${Math.floor(next() * 1e9).toString(36)}/lib\n  Version : ${Math.floor(next() * 20)}.${Math.floor(next() * 100)}\n  Fixed   : ${Math.floor(next() * 20)}.${Math.floor(next() * 100)}\n  ${text(next, 12)}\n${rank === first ? note : ''}`;
      if (drop > 0 && dropped() < drop) continue;
      put(`${plugin.head}<plugin_output>${output}</plugin_output>\n</ReportItem>\n`);
      findings++;
    }
    put('</ReportHost>\n');
  }
  put('</Report>\n</NessusClientData_v2>\n');
  written += writeSync(file, buffer);
  fsyncSync(file); // what the system still had to write would be written beside what is measured next
  closeSync(file);
  return { bytes: written, hosts: host, findings };
}
