// A proxy in front of servers, which takes them in turn: no session has an affinity to one.
import { createServer, request } from 'node:http';

/** @param ports of the servers; one that takes no connection is passed over */
export async function roundRobin(ports) {
  let next = 0;
  const proxy = createServer((incoming, outgoing) => {
    const chunks = [];
    incoming.on('data', (chunk) => chunks.push(chunk));
    incoming.on('end', () => pass(incoming, Buffer.concat(chunks), outgoing, ports.length));
  });
  function pass(incoming, body, outgoing, left) {
    const port = ports[next++ % ports.length];
    const { method, url, headers } = incoming;
    const onward = request({ host: '127.0.0.1', port, method, path: url, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode, answer.headers);
      answer.pipe(outgoing);
      answer.on('error', () => outgoing.destroy()); // as the server's connection broke
    });
    onward.on('error', (error) => {
      if (error.code === 'ECONNREFUSED' && left > 1) return pass(incoming, body, outgoing, left - 1);
      outgoing.destroy();
    });
    outgoing.on('close', () => onward.destroy());
    onward.end(body);
  }
  await new Promise((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${proxy.address().port}`,
    close() {
      proxy.closeAllConnections();
      proxy.close();
    },
  };
}
