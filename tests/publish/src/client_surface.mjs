// What @nmcp/nessus-client looks like from outside: its API report, the table of calls in its README, its size.
// npm run client-surface [-- --update]
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Extractor, ExtractorConfig } from '@microsoft/api-extractor';
import { measureSize } from '@nmcp/test-bench/client-size';
import { inTempFolder } from '@nmcp/test-support';
import { root } from './checkout.mjs';
import { endpointTable } from './endpoint_table.mjs';
import { tellProblems } from './tell_problems.mjs';

const MAX_KB = 13;
const update = process.argv.includes('--update');
const project = join(root, 'packages/nessus-client');
const problems = [];

for (const [name, entry] of Object.entries({ mod: 'mod.d.ts', node: 'node/mod.d.ts' }))
  compare(`etc/${name}.api.md`, await report(name, entry), 'the public surface');
compare('README.md', endpointTable(readFileSync(join(project, 'README.md'), 'utf8')), 'the table of calls');
const size = await measureSize();
if (size > MAX_KB) problems.push(`the core client has ${size} kB, more than ${MAX_KB}`);
tellProblems(
  problems,
  `client: ${size.toFixed(1)} kB minified and gzipped, ${problems.length === 0 ? 'as its report says' : 'other than it says'}`,
);

/** The text of an API report, made in a folder that is removed again. */
function report(name, entry) {
  return inTempFolder((folder) => {
    cpSync(join(project, 'package.json'), join(folder, 'package.json'));
    const config = ExtractorConfig.prepare({
      packageJsonFullPath: join(project, 'package.json'),
      configObjectFullPath: undefined,
      configObject: {
        projectFolder: project,
        mainEntryPointFilePath: join(project, 'dist', entry),
        apiReport: {
          enabled: true,
          reportFileName: `${name}.api.md`,
          reportFolder: folder,
          reportTempFolder: folder,
        },
        docModel: { enabled: false },
        dtsRollup: { enabled: false },
        tsdocMetadata: { enabled: false },
        newlineKind: 'lf',
        compiler: {
          overrideTsconfig: {
            compilerOptions: {
              module: 'nodenext',
              target: 'es2023',
              lib: ['es2023', 'esnext.disposable', 'dom', 'dom.iterable', 'dom.asynciterable'],
              types: ['node'],
              skipLibCheck: true,
            },
            files: [join(project, 'dist', entry)],
          },
        },
        messages: {
          compilerMessageReporting: { default: { logLevel: 'none' } },
          extractorMessageReporting: { default: { logLevel: 'none' } },
          tsdocMessageReporting: { default: { logLevel: 'none' } },
        },
      },
    });
    Extractor.invoke(config, {
      localBuild: true,
      showVerboseMessages: false,
      messageCallback: (message) => {
        message.handled = true;
      },
    });
    return readFileSync(join(folder, `${name}.api.md`), 'utf8');
  });
}

function compare(file, wanted, what) {
  const path = join(project, file);
  let found = '';
  try {
    found = readFileSync(path, 'utf8');
  } catch {
    // it is made by --update
  }
  if (found === wanted) return;
  if (update) writeFileSync(path, wanted);
  else
    problems.push(
      `${what} is not what ${file} says: npm run client-surface -- --update, and look at the difference`,
    );
}
