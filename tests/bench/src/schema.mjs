import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { atMost, inTempFolder, ratioAtLeast, ratioAtMost } from '@nmcp/test-support';
import { makeExport } from './make_export.mjs';
import { here, median, runJson } from './measure.mjs';

const ROUNDS = 5;

/** XML to full JSON-NL lines against saxes, xml.etree and TextDecoder; memory; building the index. */
export function schema(say) {
  return inTempFolder((folder) => measure(folder, say));
}

async function measure(folder, say) {
  const [small, medium, large] = ['60', '120', '1200'].map((size) => join(folder, `${size}.nessus`));
  say('writing exports of 60 MB, 120 MB and 1.2 GB');
  const { bytes } = makeExport(small, { bytes: 60e6 });
  makeExport(medium, { bytes: 120e6 });
  makeExport(large, { bytes: 1200e6 });
  const convert = (peer, file) => runJson(process.execPath, [here('convert_peers.mjs'), peer, file]);
  const seconds = {
    nmcp: [],
    saxes: [],
    etree: [],
    decoder: [],
    index: [],
    csv: [],
    ocsf: [],
    xlsx: [],
    query: [],
  };
  const peaks = { csv: 0, ocsf: 0, xlsx: 0 };
  for (let round = 0; round < ROUNDS; round++) {
    say(`round ${round + 1} of ${ROUNDS}`);
    // twice a round, since most rows are compared with one of these
    for (let turn = 0; turn < 2; turn++) {
      const [ours, saxes] = [convert('nmcp', small), convert('saxes', small)];
      if (ours.result !== saxes.result)
        throw new Error(`The lines differ: ${ours.result} and ${saxes.result} bytes`);
      seconds.nmcp.push(ours.seconds);
      seconds.saxes.push(saxes.seconds);
    }
    seconds.decoder.push(convert('decoder', small).seconds);
    seconds.query.push(convert('query', small).seconds);
    for (const format of Object.keys(peaks)) {
      const { seconds: time, peak_mb } = convert(format, small);
      seconds[format].push(time);
      peaks[format] = Math.max(peaks[format], peak_mb);
    }
    seconds.etree.push(runJson('python3', [here('convert_peer.py'), small]).seconds);
    seconds.index.push(
      runJson(process.execPath, [here('build_once.mjs'), small, join(folder, 'findings.db')]).seconds,
    );
  }
  const speed = Object.fromEntries(
    Object.entries(seconds).map(([peer, times]) => [peer, bytes / 1e6 / median(times)]),
  );
  say('600 MB in ten files, merged');
  const parts = Array.from({ length: 10 }, (_, part) => join(folder, `part${part}.nessus`));
  const mergedBytes = parts.reduce(
    (sum, part, index) =>
      sum + makeExport(part, { bytes: 60e6, seed: index + 1, firstHost: index * 100 }).bytes,
    0,
  );
  const merged = runJson(process.execPath, [here('convert_peers.mjs'), 'merged', ...parts]);
  for (const part of parts) rmSync(part);
  say('1.2 GB');
  const peaksOf = (file) => Array.from({ length: 3 }, () => convert('nmcp', file).peak_mb);
  const [peaksMedium, peaksLarge] = [peaksOf(medium), peaksOf(large)];
  return [
    ratioAtLeast('XML to JSON-NL, 60 MB', 'MB/s', speed.nmcp, 'saxes', speed.saxes, 3),
    ratioAtLeast('XML to JSON-NL, 60 MB', 'MB/s', speed.nmcp, "Python's xml.etree", speed.etree, 3),
    ratioAtLeast(
      'XML to JSON-NL, 60 MB, of the limit',
      'MB/s',
      speed.nmcp,
      'TextDecoder alone',
      speed.decoder,
      0,
    ),
    atMost('peak memory on 1.2 GB', 'MB', Math.max(...peaksLarge), 150),
    ratioAtMost(
      'peak memory on 1.2 GB, of that on 120 MB, medians',
      'MB',
      median(peaksLarge),
      '120 MB',
      median(peaksMedium),
      1.1,
    ),
    ...[
      ['csv', 0.6],
      ['ocsf', 0.5],
      ['xlsx', 0.25],
    ].flatMap(([format, bar]) => [
      ratioAtLeast(`XML to ${format}, 60 MB`, 'MB/s', speed[format], 'JSON-NL', speed.nmcp, bar),
      atMost(`peak memory of ${format}, 60 MB`, 'MB', peaks[format], 200),
    ]),
    ratioAtLeast(
      '600 MB in ten files merged to JSON-NL, as nmcp convert',
      'MB/s',
      mergedBytes / 1e6 / merged.seconds,
      'one file of 60 MB',
      speed.query,
      0.8,
    ),
    atMost('peak memory of merging 600 MB', 'MB', merged.peak_mb, 250),
    ratioAtLeast('building findings.db, 60 MB', 'MB/s', speed.index, 'the bare conversion', speed.nmcp, 0.6),
  ];
}
