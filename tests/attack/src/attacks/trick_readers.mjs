// Texts of hosts and callers that would act on whoever reads them, and pages of others that would act as a person.

import { assert, refused, without } from '../expect.mjs';
import { HOSTILE_TEXTS } from '../hostile_export.mjs';

const ACTIVE = ['<script>alert', '<img src=x', 'href="javascript:'];
const NAMES = [
  '<script>alert(1)</script>',
  '"><svg onload=alert(1)>',
  '=cmd|calc',
  'a\u001b[2Ja',
  'a\r\nset-cookie: x=y',
  '\u202Egnp',
];

const exported = (format, check) => ({
  name: `texts of a host in an export to ${format}`,
  run: async (w) => {
    const headers = await w.login('alice');
    const answer = await w.get(`/scans/${w.hostile}/export/${format}`, { headers });
    assert.equal(answer.status, 200);
    assert.match(answer.headers.get('content-disposition'), /^attachment/);
    check(await answer.text());
  },
});

export const attacks = [
  exported('html', (text) => without(text, ...ACTIVE)),
  exported('md', (text) => without(text, '](javascript:', '<script>alert')),
  exported('csv', (text) => {
    // no cell begins with what a spreadsheet computes, whatever separates them
    for (const cell of text.split(/[,;\t\r\n]/))
      assert.doesNotMatch(cell, /^"?\s*[=+@\uFF1D\uFF0B\uFF20](?!\d*$)/, cell.slice(0, 60));
  }),
  exported('sarif', (text) => JSON.parse(text)),
  exported('jsonl', (text) => {
    for (const line of text.trim().split('\n')) JSON.parse(line);
  }),
  {
    name: 'texts of a host in answers of tools',
    run: async (w) => {
      for (const [name, args] of [
        ['get_scan_results', { schema_profile: 'full' }],
        ['get_scan_summary', {}],
        ['get_scan_summary', { group_by: 'plugin' }],
      ]) {
        const { text } = await w.call('alice', name, { task_id: w.hostile, ...args });
        without(text, '\u202E', '\u200B', '\u001b');
      }
    },
  },
  {
    name: 'texts of a host on pages',
    run: async (w) => {
      const headers = await w.login('alice');
      const paths = [
        `/scans/${w.hostile}`,
        ...HOSTILE_TEXTS.map((_, i) => `/scans/${w.hostile}/hosts/10.0.0.66/plugins/${9000 + i}`),
        `/scans/${w.hostile}/compare?with=${w.hostile}`,
      ];
      for (const path of paths) without(await (await w.get(path, { headers })).text(), ...ACTIVE);
    },
  },
  ...NAMES.map((name) => ({
    name: `a scan named ${JSON.stringify(name)}`,
    run: async (w) => {
      const { json, isError } = await w.call('mallory', 'run_untrusted_scan', { targets: '10.0.9.1', name });
      const headers = await w.login('mallory');
      for (const path of ['/', '/scans', ...(isError ? [] : [`/scans/${json.task_id}`])]) {
        const text = await (await w.get(path, { headers })).text();
        without(text, '<script>alert', '<svg onload', '\u001b', '\u202E');
      }
      if (!isError) await w.call('mallory', 'cancel_scan', { task_id: json.task_id });
    },
  })),
  {
    name: 'what a caller writes into filters of pages',
    run: async (w) => {
      const headers = await w.login('alice');
      const bad = encodeURIComponent('"><script>alert(1)</script>');
      for (const query of [`text=${bad}`, `host=${bad}`, `filters=${bad}`, `cve=${bad}`, `severity=${bad}`])
        without(await (await w.get(`/scans/${w.hostile}?${query}`, { headers })).text(), '<script>alert');
      without(await (await w.get(`/scans?text=${bad}&targets=${bad}`, { headers })).text(), '<script>alert');
    },
  },
  ...[
    '//evil.example',
    'https://evil.example',
    '/\\evil.example',
    'javascript:alert(1)',
    '/%09/evil.example',
  ].map((to) => ({
    name: `a login that leads to ${to}`,
    run: async (w) => {
      const answer = await w.get('/login', {
        method: 'POST',
        body: new URLSearchParams({ token: w.tokens.bob, to }),
      });
      const location = new URL(answer.headers.get('location'), w.urls[0]);
      assert.equal(location.host, new URL(w.urls[0]).host);
      const text = await (await w.get(`/login?to=${encodeURIComponent(to)}`)).text();
      without(text, 'value="//', 'value="https:', 'value="javascript:');
    },
  })),
  {
    name: 'a form without its token, or with that of another caller',
    run: async (w) => {
      const headers = await w.login('mallory');
      const hers = await (await w.get('/scans', { headers: await w.login('alice') })).text();
      const stolen = /name="form" value="([^"]+)"/.exec(hers)?.[1] ?? 'x';
      for (const form of ['', 'x', stolen]) {
        const body = new URLSearchParams({ form, targets: '10.0.0.1', name: 'forged' });
        for (const path of ['/scans', '/scans/new', '/scans/preview'])
          refused(await w.get(path, { method: 'POST', headers, body }), [400, 403, 404]);
      }
      without((await w.call('mallory', 'list_tasks')).text, 'forged');
    },
  },
  ...[
    ['origin', 'https://evil.example'],
    ['host', 'evil.example'],
    ['origin', 'null'],
  ].map(([header, value]) => ({
    name: `a request whose ${header} is ${value}`,
    run: async (w) => {
      const headers = `${header === 'host' ? `Host: ${value}` : `Host: 127.0.0.1\r\nOrigin: ${value}`}\r\nAuthorization: Bearer ${w.tokens.bob}\r\nContent-Length: 2\r\nContent-Type: application/json`;
      assert.match(await w.raw(`POST /mcp HTTP/1.1\r\n${headers}\r\n\r\n{}`), /^HTTP\/1\.1 (?:403|421)/);
    },
  })),
  {
    name: 'a page in a frame, with scripts of its own, from another origin',
    run: async (w) => {
      const { headers } = await w.get('/', { headers: await w.login('alice') });
      const policy = headers.get('content-security-policy');
      for (const part of [
        "default-src 'none'",
        "frame-ancestors 'none'",
        "form-action 'self'",
        "base-uri 'none'",
      ])
        assert.ok(policy.includes(part), policy);
      assert.doesNotMatch(policy, /unsafe|\*/);
      assert.equal(headers.get('x-content-type-options'), 'nosniff');
      assert.equal(headers.get('access-control-allow-origin'), null);
    },
  },
  {
    name: 'a cookie that scripts can read, or that other sites send',
    run: async (w) => {
      const answer = await w.get('/login', {
        method: 'POST',
        body: new URLSearchParams({ token: w.tokens.bob, to: '/' }),
      });
      const cookie = answer.headers.get('set-cookie');
      assert.match(cookie, /HttpOnly/i);
      assert.match(cookie, /SameSite=Strict/i);
    },
  },
  {
    name: 'a cookie that the attacker chose',
    run: async (w) => {
      const fixed = 'nmcp_session=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';
      const answer = await w.get('/login', {
        method: 'POST',
        headers: { cookie: fixed },
        body: new URLSearchParams({ token: w.tokens.bob, to: '/' }),
      });
      without(answer.headers.get('set-cookie'), fixed);
      refused(await w.get('/', { headers: { cookie: fixed } }), [303, 401]);
    },
  },
];
