// Exports in SARIF, HDF and CKL, checked by Microsoft's SARIF multitool and the MITRE SAF's own packages, from npm:
// npm run formats [-- FILE.nessus ...]. Exports of your own are checked beside ours. Where the checkers cannot be had it says so
// and ends with 0, in CI with 1.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { FORMATS, readFindings } from '@nmcp/schema';
import { tempFolder } from '@nmcp/test-support';
import { DOCUMENTS } from './documents.mjs';

const checkers = join(import.meta.dirname, '../checkers');
const fromCheckers = createRequire(join(checkers, 'package.json'));
const multitool = join(checkers, 'node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool');

if (!install()) {
  console.log('SKIPPED: the checkers cannot be had from npm, so no format was checked by its own tools');
  process.exit(process.env.CI === 'true' ? 1 : 0);
}
const { convertFile, contextualizeEvaluation } = fromCheckers('inspecjs');
const { ChecklistResults } = fromCheckers('@mitre/hdf-converters');

const CHECKS = {
  sarif(text, folder) {
    const file = join(folder, 'a.sarif');
    writeFileSync(file, text);
    const { stdout, status } = spawnSync(multitool, ['validate', file, '--max-file-size-in-kb', '1000000'], {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    });
    const errors = stdout.split('\n').filter((line) => /: error /.test(line));
    if (errors.length > 0 || status !== 0) throw new Error(errors[0] ?? stdout.trim().split('\n').at(-1));
    return `${JSON.parse(text)
      .runs.map(({ results }) => results.length)
      .join(' + ')} results`;
  },
  hdf(text) {
    const [profile] = contextualizeEvaluation(convertFile(text)['1_0_ExecJson']).contains;
    const states = profile.contains.map(({ hdf }) => hdf.status);
    return `${states.length} controls: ${[...new Set(states)].join(', ')}`;
  },
  ckl(text) {
    const { profiles } = new ChecklistResults(text).toHdf();
    return `${profiles.reduce((sum, { controls }) => sum + controls.length, 0)} checks`;
  },
};

const temp = await tempFolder();
const documents = {
  ...DOCUMENTS,
  ...Object.fromEntries(process.argv.slice(2).map((path) => [path, readFileSync(path)])),
};
let [passed, failed] = [0, 0];
for (const [name, document] of Object.entries(documents)) {
  for (const [format, check] of Object.entries(CHECKS)) {
    if (format !== 'sarif' && name.startsWith('more than')) continue; // about runs, which only SARIF has
    try {
      const found = check(await exported(format, document), temp.path);
      passed++;
      console.log(`passed  ${format}: ${name}: ${found}`);
    } catch (error) {
      failed++;
      console.log(`FAILED  ${format}: ${name}: ${error.message}`);
    }
  }
}
console.log(`${passed} passed, ${failed} failed`);
await temp[Symbol.asyncDispose]();
process.exitCode = failed === 0 ? 0 : 1;

async function exported(format, document) {
  let text = '';
  for await (const piece of FORMATS[format].exporter(readFindings(new Blob([document]).stream())))
    text += piece;
  return text;
}

function install() {
  if (!existsSync(multitool)) {
    console.log('Installing the checkers from npm');
    // no install script is needed, since the binaries ship inside packages; the lock file names no registry
    const { status } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
      cwd: checkers,
      stdio: 'ignore',
    });
    if (status !== 0 || !existsSync(multitool)) return false;
  }
  chmodSync(multitool, 0o755);
  return true;
}
