// npm run replay FILE...: plays reports of scanners back, and runs what the product does with a scanner against each.
// nmcp-admin scanners record NAME -o FILE writes one.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseScannerReport } from '@nmcp/registry';
import { runRecordedCases } from './recorded_cases.mjs';
import { startReplay } from './replay_server.mjs';

const files = process.argv.slice(2);
if (files.length === 0) {
  console.error('Usage: npm run replay -- FILE...; nmcp-admin scanners record NAME -o FILE writes one');
  process.exit(2);
}
let failed = 0;
for (const file of files) {
  const { report, isEdited } = read(file);
  console.log(`${file}: ${report.product}, ${report.origin}`);
  if (isEdited) console.log('  somebody has edited it since it was recorded');
  const replay = await startReplay(report);
  for (const { name, outcome, problem, missing } of await runRecordedCases(
    report,
    replay.url,
    replay.missing,
  )) {
    const why = outcome === 'not recorded' ? missing.join(', ') : problem;
    console.log(`  ${outcome.padEnd(12)}  ${name}${why ? `: ${why}` : ''}`);
    if (outcome === 'FAILED') failed++;
  }
  await replay.close();
}
process.exitCode = failed === 0 ? 0 : 1;

function read(file) {
  try {
    return parseScannerReport(readFileSync(resolve(process.env.INIT_CWD ?? '.', file), 'utf8'), file);
  } catch (error) {
    console.error(error.message);
    process.exit(2);
  }
}
