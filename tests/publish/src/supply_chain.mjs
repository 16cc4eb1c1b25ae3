// What the apps bring along from npm: npm run supply-chain [-- --out FOLDER]
// The lock file pins every package by its hash; nothing that runs in production has an install script or an unknown
// licence; the registry knows of no weakness. With --out, a bill of materials for each app is written (CycloneDX).
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { inTempFolder } from '@nmcp/test-support';
import { parse } from 'yaml';
import { pnpm, root } from './checkout.mjs';
import { tellProblems } from './tell_problems.mjs';

const { values: options } = parseArgs({ options: { out: { type: 'string' } } });
const store = join(root, 'node_modules/.pnpm');
const LICENCES = ['MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', '0BSD', 'BlueOak-1.0.0'];
/** Weaknesses that do not reach us, by advisory, with the reason. */
const EXPLAINED = {};
const problems = [];

const locked = checkLockFile();
const boms =
  options.out === undefined ? await inTempFolder(billsOfMaterials) : billsOfMaterials(resolve(options.out));
const shipped = checkShipped(boms);
const audited = askRegistry();
tellProblems(
  problems,
  `${locked} packages are locked by their hashes; ${shipped} are shipped, none with an install script; ${audited}`,
);

function checkLockFile() {
  const { packages } = parse(readFileSync(join(root, 'pnpm-lock.yaml'), 'utf8'));
  for (const [name, { resolution }] of Object.entries(packages)) {
    const { integrity = '', ...others } = resolution;
    if (!integrity.startsWith('sha512-')) problems.push(`pnpm-lock.yaml: ${name} has no SHA-512`);
    if (Object.keys(others).length > 0)
      problems.push(`pnpm-lock.yaml: ${name} does not come from the registry`);
  }
  return Object.keys(packages).length;
}

function billsOfMaterials(folder) {
  mkdirSync(folder, { recursive: true });
  return readdirSync(join(root, 'apps')).map((app) => {
    const file = join(folder, `${app}.cdx.json`);
    const format = ['--sbom-format', 'cyclonedx', '--sbom-type', 'application'];
    const { status, stderr } = spawnSync(
      pnpm,
      ['--filter', `./apps/${app}`, 'sbom', '--prod', ...format, '--out', file],
      { cwd: root, encoding: 'utf8' },
    );
    if (status !== 0) {
      problems.push(`${app}: no bill of materials: ${stderr.slice(0, 300)}`);
      return { components: [] };
    }
    return JSON.parse(readFileSync(file, 'utf8'));
  });
}

function checkShipped(all) {
  const components = new Map(
    all.flatMap((bom) => bom.components ?? []).map((component) => [component.purl, component]),
  );
  const foreign = [...components.values()].filter(({ group }) => group !== '@nmcp');
  for (const { group, name, version, licenses = [] } of foreign) {
    const full = group ? `${group}/${name}` : name;
    const terms = licenses.map(({ license, expression }) => expression ?? license?.id ?? license?.name ?? '');
    const words = terms.flatMap((term) => term.replaceAll(/[()]/g, '').split(/ OR | AND /));
    if (!words.some((word) => LICENCES.includes(word)))
      problems.push(`${full} ${version}: licence ${terms.join(', ') || 'unknown'}`);
    const manifest = installed(full, version);
    const scripts = ['preinstall', 'install', 'postinstall'].filter((script) => manifest?.scripts?.[script]);
    if (scripts.length > 0) problems.push(`${full} ${version}: runs ${scripts.join(', ')} when installed`);
  }
  return foreign.length;
}

/** The manifest of a package; one for another platform is not here. */
function installed(name, version) {
  const prefix = `${name.replaceAll('/', '+')}@${version}`;
  const folder = readdirSync(store).find((entry) => entry === prefix || entry.startsWith(`${prefix}_`));
  const file = folder && join(store, folder, 'node_modules', name, 'package.json');
  return file && existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}

function askRegistry() {
  const { stdout } = spawnSync(pnpm, ['audit', '--prod', '--json'], { cwd: root, encoding: 'utf8' });
  let report;
  try {
    report = JSON.parse(stdout);
  } catch {
    return 'the registry answers no questions about weaknesses, so none was asked';
  }
  if (!report.advisories) return 'the registry answers no questions about weaknesses, so none was asked';
  const open = Object.values(report.advisories).filter(
    ({ github_advisory_id: id }) => !Object.hasOwn(EXPLAINED, id),
  );
  for (const { module_name, title, github_advisory_id: id } of open)
    problems.push(`${module_name}: ${title} (${id})`);
  return `the registry knows of ${open.length} unexplained weaknesses`;
}
