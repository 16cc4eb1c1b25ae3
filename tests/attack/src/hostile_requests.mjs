// What a hostile caller with an ordinary token does all day.

/** Pairs of a name and a request; each resolves with the status of its answer. */
export function hostileRequests(w, signal) {
  const who = 'mallory';
  const quick = () => AbortSignal.any([signal, AbortSignal.timeout(10_000)]);
  const statusOf = async (promise) => {
    const answer = await promise;
    await answer.arrayBuffer?.();
    return answer.status;
  };
  const query = (args) => () =>
    statusOf(w.call(who, 'get_scan_results', { task_id: w.hostilesOwn, ...args }, { signal: quick() }));
  const cookie = w.login(who).catch(() => ({}));
  const page = (path) => async () => statusOf(w.get(path, { headers: await cookie, signal: quick() }));
  const initialize = {
    jsonrpc: '2.0',
    id: 0,
    method: 'initialize',
    params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'x', version: '0' } },
  };
  const batch = Array.from({ length: 100 }, (_, id) => ({ jsonrpc: '2.0', id, method: 'ping' }));
  const long = Array.from({ length: 4000 }, (_, i) => `10.${i >> 8}.${i & 255}.1`).join(',');
  return [
    ['expressions', query({ filters: { plugin_output: { regex: 'a{30}[^a]*z' } } })],
    ['all findings', query({ page: 0, schema_profile: 'full' })],
    [
      'many values',
      query({ filters: { plugin_name: { in: Array.from({ length: 9000 }, (_, i) => `p${i}`) } } }),
    ],
    ['groups', () => statusOf(w.call(who, 'get_scan_summary', { task_id: w.hostilesOwn, group_by: 'host' }))],
    ['status', () => statusOf(w.call(who, 'get_scan_status', { task_id: w.hostilesOwn }))],
    ['lists', () => statusOf(w.call(who, 'list_tasks', { targets: long }, { signal: quick() }))],
    ['sessions', () => statusOf(w.post(who, initialize, { signal: quick() }))],
    ['batches', () => statusOf(w.post(who, batch, { signal: quick() }))],
    ['no JSON', () => statusOf(w.post(who, '{"jsonrpc', { signal: quick() }))],
    ['deep JSON', () => statusOf(w.post(who, '['.repeat(50_000), { signal: quick() }))],
    ['large bodies', () => statusOf(w.post(who, 'x'.repeat(4_000_000), { signal: quick() }))],
    ['pages', page('/scans')],
    ['exports', page(`/scans/${w.hostilesOwn}/export/csv`)],
    ['unknown exports', page(`/scans/${w.hostilesOwn}/export/nope`)],
    [
      'exports that are left',
      async () => {
        const left = new AbortController();
        const answer = await w.get(`/scans/${w.hostilesOwn}/export/jsonl`, {
          headers: await cookie,
          signal: AbortSignal.any([left.signal, quick()]),
        });
        await answer.body.getReader().read();
        left.abort();
        return answer.status;
      },
    ],
    [
      'streams',
      async () => {
        const left = new AbortController();
        const answer = await w.get('/sse', { who, signal: AbortSignal.any([left.signal, quick()]) });
        setTimeout(() => left.abort(), 500);
        return answer.status;
      },
    ],
    [
      'live pages',
      async () => statusOf(w.get('/events', { method: 'HEAD', headers: await cookie, signal: quick() })),
    ],
    [
      'others’ scans',
      () => statusOf(w.call(who, 'get_scan_results', { task_id: w.large }, { signal: quick() })),
    ],
    ['wrong tokens', () => statusOf(w.get('/metrics', { who: `nmcp_${Math.random()}`, signal: quick() }))],
    [
      'scans',
      () =>
        statusOf(w.call(who, 'run_untrusted_scan', { targets: '10.99.0.1', name: 'n' }, { signal: quick() })),
    ],
    [
      'targets',
      () => statusOf(w.call(who, 'run_untrusted_scan', { targets: long, name: 'n' }, { signal: quick() })),
    ],
    ['imports', () => statusOf(w.call(who, 'import_scan', { file: 'hostile.nessus' }, { signal: quick() }))],
    ['raw bytes', () => w.raw('GET / HTTP/1.1\r\nHost: x\r\nX: ', { silenceMs: 300 }).then(() => 'closed')],
  ];
}
