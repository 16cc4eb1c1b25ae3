import { createServer } from 'node:http';

/**
 * Plays a report back as a scanner: each call is answered as it was, in turn, the last answer again and again. A call that was
 * not recorded is answered with 501.
 */
export async function startReplay({ calls }) {
  const answers = new Map();
  for (const call of calls) {
    const key = `${call.method} ${pathOf(call.path)}`;
    answers.set(key, [...(answers.get(key) ?? []), call]);
  }
  const asked = new Map();
  const missing = new Set();
  const server = createServer((request, response) => {
    request.resume();
    const key = `${request.method} ${pathOf(request.url)}`;
    const list = answers.get(key);
    if (!list) {
      missing.add(key);
      response.writeHead(501, { 'content-type': 'application/json' });
      return response.end('{"error":"This call was not recorded"}');
    }
    const count = asked.get(key) ?? 0;
    asked.set(key, count + 1);
    const { status, headers, body } = list[Math.min(count, list.length - 1)];
    if (status === 0) return response.destroy();
    response.writeHead(status, headers);
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    /** Calls that nobody recorded, and that were made. */
    missing,
    close: () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  };
}

/** Without its query: what was recorded with one is as good without. */
function pathOf(url) {
  return url.split('?')[0];
}
