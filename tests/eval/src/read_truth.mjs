// What a report says, read with another parser than ours and by none of our code.
import { readFileSync } from 'node:fs';
import { SaxesParser } from 'saxes';

const WORKED = ['141118', '110095', '117887', '12634', '97993'];
const PARTIAL = ['110385', '102094', '24786', '117885'];

/** A scan as plain data: its hosts with properties and findings. */
export function readTruth(path) {
  const parser = new SaxesParser({ xmlns: false });
  const scan = { hosts: [], settings: {}, policy: '' };
  let [host, finding, tag, text, preference, isProperty] = [null, null, '', '', '', false];
  parser.on('opentag', ({ name, attributes }) => {
    text = '';
    if (name === 'ReportHost') {
      host = { name: attributes.name, properties: {}, findings: [] };
      scan.hosts.push(host);
    } else if (name === 'ReportItem') {
      finding = { host: host.name, ...attributes, severity: Number(attributes.severity), cve: [] };
      host.findings.push(finding);
    } else if (name === 'tag') [tag, isProperty] = [attributes.name, true];
  });
  parser.on('text', (value) => {
    text += value;
  });
  parser.on('closetag', ({ name }) => {
    if (name === 'ReportItem') finding = null;
    else if (finding && name === 'cve') finding.cve.push(text);
    else if (finding) finding[name] = text;
    else if (isProperty && name === 'tag') {
      host.properties[tag] = text;
      isProperty = false;
    } else if (name === 'name') preference = text;
    else if (name === 'value') scan.settings[preference] = text;
    else if (name === 'policyName') scan.policy = text;
  });
  parser.write(readFileSync(path, 'utf8')).close();
  for (const each of scan.hosts) each.login = loginOf(each);
  scan.findings = scan.hosts.flatMap(({ findings }) => findings);
  scan.host = (name) => scan.hosts.find((each) => each.name === name);
  return scan;
}

function loginOf({ findings }) {
  const has = (plugins) => findings.some(({ pluginID }) => plugins.includes(pluginID));
  const info = findings.find(({ pluginID }) => pluginID === '19506')?.plugin_output ?? '';
  const worked = has(WORKED) || /Credentialed checks : yes/.test(info);
  const refused = has(['104410']);
  if (!worked && !refused && !has(PARTIAL)) return 'none';
  if (has(PARTIAL)) return 'partial';
  if (!worked) return 'failed';
  return refused || has(['21745', '110723']) ? 'partial' : 'success';
}

/** What is new, fixed and not looked for from one scan to a later one, on hosts in both. */
export function changes(earlier, later) {
  const rank = { success: 2, partial: 1, failed: 0, none: 0 };
  const key = ({ host, pluginID, port, protocol }) => `${host} ${pluginID} ${port} ${protocol}`;
  const [before, after] = [earlier, later].map(
    ({ findings }) => new Map(findings.map((each) => [key(each), each])),
  );
  const plugins = new Set(later.settings.plugin_set.split(';'));
  const had = new Set(earlier.settings.plugin_set.split(';'));
  const ran = new Set(later.findings.map(({ pluginID }) => pluginID));
  const missing = [...before]
    .filter(([id, { host }]) => !after.has(id) && later.host(host))
    .map(([, each]) => each);
  const hasWorse = ({ host }) => rank[later.host(host).login] < rank[earlier.host(host).login];
  const notRun = ({ pluginID }) => had.has(pluginID) && !plugins.has(pluginID) && !ran.has(pluginID);
  const login = missing.filter(hasWorse);
  const plugin = missing.filter((each) => !hasWorse(each) && notRun(each));
  return {
    fixed: missing.filter((each) => !hasWorse(each) && !notRun(each)),
    notLooked: { login, plugin },
    new: [...after].filter(([id, { host }]) => !before.has(id) && earlier.host(host)).map(([, each]) => each),
    gone: earlier.hosts.filter(({ name }) => !later.host(name)),
    added: later.hosts.filter(({ name }) => !earlier.host(name)),
  };
}
