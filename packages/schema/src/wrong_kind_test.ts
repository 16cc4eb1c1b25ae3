import { expect, test } from 'vitest';
import { readNessus } from './mod.ts';

test.each<[string, string | Uint8Array, RegExp]>([
  [
    'an HTML page',
    '<!DOCTYPE html>\n<html><head><title>Login</title>',
    /^This is an HTML page: .*Export > Nessus/,
  ],
  ['an HTML page without a doctype', '<html lang="en"><body>', /^This is an HTML page/],
  ['XHTML', '<?xml version="1.0"?>\n<html xmlns="http://www.w3.org/1999/xhtml">', /^This is an HTML page/],
  [
    'version 1',
    '<?xml version="1.0"?>\n<NessusClientData>\n<Report>',
    /version 1, .*root element is <NessusClientData>.*Export > Nessus/,
  ],
  ['CSV', '"Plugin ID","CVE","CVSS v2.0 Base Score"\r\n', /^This is a CSV report of Nessus/],
  ['NBE', 'timestamps|||scan_start|Thu Nov 26|\nresults|x', /NBE/],
  ['PDF', '%PDF-1.7\n', /PDF/],
  ['JSON', '{"error":"Invalid Credentials"}', /^This is JSON/],
  ['a database', 'SQLite format 3\0....', /internal database of Nessus/],
  [
    'a binary file',
    Uint8Array.from([0x93, 0x01, 0x00, 0x17, 0xfe, 0x08, 0x3c]),
    /internal file of Nessus or another binary file/,
  ],
  ['Nmap', '<nmaprun scanner="nmap">', /report of Nmap/],
  [
    'any XML',
    '<other/>',
    /^Not a \.nessus document: the root element is <other>, expected <NessusClientData_v2>/,
  ],
])('%s is told from an export, with how to get one', async (_name, content, message) => {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  const reading = (async () => {
    for await (const _ of readNessus([bytes]));
  })();
  await expect(reading).rejects.toMatchObject({
    code: 'damaged_document',
    message: expect.stringMatching(message),
  });
});
