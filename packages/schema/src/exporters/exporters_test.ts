import { DOMParser } from '@xmldom/xmldom';
import { strFromU8, unzipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { FORMATS, type FormatName } from '../mod.ts';
import {
  EVERYTHING,
  exported,
  exportedBytes,
  HOSTILE,
  host,
  item,
  parseCsv,
  report,
} from './exporters_test_documents.ts';

const NAMES = Object.keys(FORMATS) as FormatName[]; // its keys

/** All of it is closed, and nothing in it is not allowed. */
function parseXml(xml: string, type: 'application/xml' | 'application/xhtml+xml'): void {
  new DOMParser({
    onError: (_level, message) => {
      throw new Error(message);
    },
  }).parseFromString(xml, type);
}

/** What is wrong with a hostile document's text in each format; a format that has no line here fails. */
const FAULTS: Readonly<Record<FormatName, (text: string, bytes: Uint8Array<ArrayBuffer>) => string[]>> = {
  csv: (text) =>
    parseCsv(text)
      .flat()
      .filter((cell) => /^[=+\-@\t\r]|\n[=+\-@]/.test(cell)),
  xlsx: (_text, bytes) =>
    Object.entries(unzipSync(bytes)).flatMap(([name, part]) => {
      const xml = strFromU8(part);
      parseXml(xml, 'application/xml');
      return /<f[ >]/.test(xml) ? [`${name} has a formula`] : [];
    }),
  sarif: (text) => (JSON.parse(text) ? [] : ['nothing']),
  ocsf: (text) =>
    text
      .trimEnd()
      .split('\n')
      .flatMap((line) => (JSON.parse(line) ? [] : [line])),
  hdf: (text) => (JSON.parse(text) ? [] : ['nothing']),
  ckl: (text) => {
    parseXml(text, 'application/xml');
    return text.match(/<script|[\u001b\u202e\u200b]/g) ?? [];
  },
  html: (text) => {
    // but for the doctype and the void elements it is XML
    parseXml(
      text.replace(/<!doctype html>/, '').replaceAll(/<meta ([^>]*)>/g, '<meta $1/>'),
      'application/xhtml+xml',
    );
    return (
      text.match(
        /<(?:script|link|img|iframe|object)|(?:src|url)\s*[=(]|href="(?!https?:)|[\u001b\u202e\u200b]/gi,
      ) ?? []
    );
  },
  md: (text) => text.match(/(?<!\\)[<|]script|(?<!\\)<img|https:\/\/x|\]\(|[\u001b\u202e\u200b]/g) ?? [],
};

test.each(NAMES)('%s: text that a host could have written is only text', async (format) => {
  const bytes = await exportedBytes(format, HOSTILE);
  expect(FAULTS[format](new TextDecoder().decode(bytes), bytes)).toEqual([]);
});

test.each(NAMES)('%s has the host, its facts, the checks and what was seen', async (format) => {
  const bytes = await exportedBytes(format, EVERYTHING, { hosts: true });
  const text =
    format === 'xlsx'
      ? Object.values(unzipSync(bytes))
          .map((part) => strFromU8(part))
          .join('')
      : new TextDecoder().decode(bytes);
  const facts = [
    'web-01',
    '192.0.2.7',
    'a.example.org',
    'b.example.org',
    'WEB01',
    'Windows Server 2022',
    'success',
  ];
  for (const fact of [...facts, '1.1 Root login off', format === 'ckl' ? 'Open' : 'FAILED', 'CVE-2021-11111'])
    expect(text.replaceAll('\\', '').toLowerCase().includes(fact.toLowerCase()), fact).toBe(true);
});

test.each(NAMES)('%s of a scan without hosts is well-formed', async (format) => {
  const bytes = await exportedBytes(format, report());
  const text = new TextDecoder().decode(bytes);
  if (format === 'ocsf') expect(text).toBe('');
  else expect(FAULTS[format](text, bytes)).toEqual([]);
});

describe('HTML', () => {
  test('is worst first: severities, what to fix first, hosts with facts, plugins with places, checks, links', async () => {
    const html = await exported('html', EVERYTHING);
    expect(html).toContain('aria-label="Findings by severity: 2 critical, 1 high, 4 medium, 0 low, 2 info"');
    expect(html).toContain('Update Thing to 1.3 or later');
    const titles = [...html.matchAll(/<details><summary><span class="b \w\d">\w+<\/span> ([^<]*)/g)].map(
      ([, title]) => title,
    );
    expect(titles).toEqual([
      'P1 ',
      'P3 ',
      'P2 ',
      '1.1 Root login off',
      '1.4 Unreadable',
      '1.3 Review rules',
      '1.2 Banner set',
    ]);
    expect(html).toContain(
      'CVSS 9.3 · VPR 9.6 · EPSS 0.9436 · known to be exploited (CISA) · an exploit is available',
    );
    expect(html).toMatch(/href="https:\/\/example\.org\/b"/);
    expect(html).toContain('192.0.2.8:443/tcp');
    expect(html).toContain('1 failed, 1 error, 1 warning, 1 passed');
    expect(html).toContain('@media print');
  });

  test('counts what does not fit into its tables', async () => {
    const hosts = Array.from({ length: 5 }, (_, i) => host(`h${i}`, {}, item(1, 1, '')));
    const html = await exported('html', report(...hosts), { maxRows: 3 });
    expect(html).toContain('and on 2 more ports');
    expect(html).toContain('and 2 more; other formats');
  });
});

describe('Markdown', () => {
  test('is a summary by what fixes most, with hosts, facts and checks', async () => {
    const text = await exported('md', EVERYTHING);
    expect(text).toContain('2 hosts, 9 findings, policy Po\\|licy, scanned 2023-11-14.');
    expect(text).toContain('| Critical | 2 |');
    expect(text).toContain(
      '| Critical | Update Thing to 1.3 or later | 2 | 2 | web-01, 192.0.2.8 | CVE-2021-11111, CVE-2021-22222 |',
    );
    expect(text).toContain('1 passed, 1 failed, 1 to review, 1 with errors.');
    expect(text).toContain('| FAILED | 1.1 Root login off | web-01 | 800-53 AC-11');
  });

  test('makes no link of what a report holds', async () => {
    const text = await exported(
      'md',
      report(host('https://evil.example www.evil.example a@evil.example', {}, item(1, 4, ''))),
    );
    expect(text).toContain('evil.example');
    expect(text).not.toMatch(/https:\/\/evil|www\.evil|a@evil/);
  });
});
