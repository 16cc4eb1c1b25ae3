// One conversion of a file in a process of its own: what is asked for, timed inside, with the peak of resident memory.
// Usage: node convert_peers.mjs PEER FILE...
import { readAhead } from '@nmcp/files';

const [peer, path, ...others] = process.argv.slice(2);
const ours = peer === 'saxes' || peer === 'decoder' ? {} : await import('@nmcp/schema');
const { convertNessus } = ours;
const { SaxesParser } = peer === 'saxes' ? await import('saxes') : {};
/** What a parser of text is given at once: it is faster with pieces that fit into the nursery of the collector. */
const PIECE = 65_536;
/** As `nmcp convert` and the index read, for all. */
const open = () => readAhead(path, { reuse: true });

const peers = {
  /** Decoding alone: nothing that reads text can be faster. */
  async decoder() {
    const decoder = new TextDecoder();
    let length = 0;
    for await (const chunk of open())
      for (let start = 0; start < chunk.length; start += PIECE)
        length += decoder.decode(chunk.subarray(start, start + PIECE), { stream: true }).length;
    return length;
  },
  async nmcp() {
    let bytes = 0;
    for await (const lines of convertNessus(open())) bytes += lines.length;
    return bytes;
  },
  csv: () => exported('csv'),
  ocsf: () => exported('ocsf'),
  xlsx: () => exported('xlsx'),
  /** As `nmcp convert` does it: counted first, then written. */
  query: () => lengthOf(ours.queryNessusBytes(open, { profile: 'full', page: 0 })),
  /** The same of several files as one document. */
  merged() {
    const documents = [path, ...others].map((file) => ({
      name: file,
      open: () => readAhead(file, { reuse: true }),
    }));
    return lengthOf(ours.queryNessusBytes(ours.mergedDocuments(documents), { profile: 'full', page: 0 }));
  },
  /** The same lines by saxes. */
  async saxes() {
    const parser = new SaxesParser({ xmlns: false, position: false });
    let [finding, tag, text, host, bytes, lines, facts] = [null, '', '', '', 0, '', {}];
    const renamed = { pluginID: 'plugin_id', pluginName: 'plugin_name', pluginFamily: 'plugin_family' };
    const scores = new Set(['cvss_base_score', 'cvss3_base_score', 'cvss_score']);
    parser.on('opentag', ({ name, attributes }) => {
      if (name === 'ReportItem') {
        finding = { type: 'vulnerability', host };
        for (const key in attributes) finding[renamed[key] ?? key] = attributes[key];
      } else if (finding) [tag, text] = [name, ''];
      else if (name === 'ReportHost') [host, facts] = [attributes.name, {}];
      else if (name === 'tag') [tag, text] = [attributes.name, ''];
    });
    parser.on('text', (value) => {
      if (tag !== '') text += value;
    });
    parser.on('closetag', ({ name }) => {
      if (name === 'ReportItem') {
        const best = finding.cvss4_base_score ?? finding.cvss3_base_score ?? finding.cvss_base_score;
        if (best !== undefined) finding.cvss_score = Number(best);
        lines += `${JSON.stringify(Object.assign(finding, facts))}\n`;
        finding = null;
      } else if (finding && name === tag) {
        const value = scores.has(tag)
          ? Number(text)
          : tag === 'exploit_available'
            ? text === 'true'
            : tag === 'cve'
              ? [text]
              : text;
        const before = finding[tag];
        finding[tag] = before === undefined || tag === 'plugin_name' ? value : [before, value].flat();
        tag = '';
      } else if (name === 'tag') {
        // the properties that an export of the bench has, in the order of our fields
        if (tag === 'host-ip') facts.host_ip = text;
        else if (tag === 'operating-system') [facts.os, facts.credentialed] = [text, 'none'];
        else if (tag === 'HOST_START') facts.host_start = new Date(`${text} UTC`).toISOString();
        tag = '';
      }
    });
    const decoder = new TextDecoder();
    for await (const chunk of open()) {
      for (let start = 0; start < chunk.length; start += PIECE) {
        parser.write(decoder.decode(chunk.subarray(start, start + PIECE), { stream: true }));
        bytes += encodedLength(lines);
        lines = '';
      }
    }
    parser.close();
    bytes += encodedLength(lines);
    return bytes;
  },
};

const encoder = new TextEncoder();
let buffer = new Uint8Array(1 << 20);

/** Encodes into the same buffer always, as `nmcp convert` writes. */
function encodedLength(text) {
  if (buffer.length < text.length * 3) buffer = new Uint8Array(text.length * 3);
  return encoder.encodeInto(text, buffer).written;
}

/** A document in a format, as it is written: texts are encoded. */
function exported(format) {
  return lengthOf(ours.FORMATS[format].exporter(ours.readFindings(open())));
}

async function lengthOf(pieces) {
  let bytes = 0;
  for await (const piece of pieces) bytes += typeof piece === 'string' ? encodedLength(piece) : piece.length;
  return bytes;
}

const begun = performance.now();
const result = await peers[peer]();
const seconds = (performance.now() - begun) / 1000;
console.log(JSON.stringify({ peer, seconds, result, peak_mb: process.resourceUsage().maxRSS / 1024 }));
