import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { createClientOrigin } from './client_origin.ts';

const originOf = createClientOrigin(['10.0.0.1', '192.168.0.0/16', 'fd00::/8']);

function from(remoteAddress: string, headers: IncomingHttpHeaders, encrypted = false): IncomingMessage {
  return { socket: { remoteAddress, encrypted }, headers } as unknown as IncomingMessage; // of which no more is read
}

test.each([
  ['nobody in between', from('203.0.113.7', {}), '203.0.113.7', false],
  ['TLS of our own', from('203.0.113.7', {}, true), '203.0.113.7', true],
  [
    'headers of somebody who is no proxy',
    from('203.0.113.7', { 'x-forwarded-for': '10.0.0.1', 'x-forwarded-proto': 'https' }),
    '203.0.113.7',
    false,
  ],
  [
    'a trusted proxy',
    from('10.0.0.1', { 'x-forwarded-for': '203.0.113.7', 'x-forwarded-proto': 'https' }),
    '203.0.113.7',
    true,
  ],
  [
    'one over an IPv6 socket',
    from('::ffff:10.0.0.1', { 'x-forwarded-for': '203.0.113.7' }),
    '203.0.113.7',
    false,
  ],
  [
    'what the client wrote before',
    from('10.0.0.1', { 'x-forwarded-for': '127.0.0.1, 203.0.113.7', 'x-forwarded-proto': 'https, http' }),
    '203.0.113.7',
    false,
  ],
  ['two proxies', from('10.0.0.1', { 'x-forwarded-for': '203.0.113.7, 192.168.3.4' }), '203.0.113.7', false],
  ['proxies only', from('10.0.0.1', { 'x-forwarded-for': '192.168.3.4' }), '192.168.3.4', false],
  ['ports and brackets', from('fd00::1', { 'x-forwarded-for': '[2001:db8::7]:4711' }), '2001:db8::7', false],
  ['a port', from('10.0.0.1', { 'x-forwarded-for': '203.0.113.7:4711' }), '203.0.113.7', false],
  ['nonsense', from('10.0.0.1', { 'x-forwarded-for': 'unknown' }), '10.0.0.1', false],
  ['no header', from('10.0.0.1', {}), '10.0.0.1', false],
])('%s', (_name, request, address, isSecure) => {
  expect(originOf(request)).toEqual({ address, isSecure });
});

test('where nobody is trusted, nobody is believed', () => {
  const request = from('127.0.0.1', { 'x-forwarded-for': '1.2.3.4', 'x-forwarded-proto': 'https' });
  expect(createClientOrigin([])(request)).toEqual({ address: '127.0.0.1', isSecure: false });
});
