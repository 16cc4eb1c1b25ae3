// A bare HTTP server that answers everything with 1 GB. Prints its URL.
import { createServer } from 'node:http';

const SIZE = 1_000_000_000;
const chunk = Buffer.alloc(65_536, 'x');
const server = createServer((_request, response) => {
  response.writeHead(200, { 'content-length': SIZE });
  let left = SIZE;
  const more = () => {
    while (left > 0) {
      const part = left < chunk.length ? chunk.subarray(0, left) : chunk;
      left -= part.length;
      if (!response.write(part)) return response.once('drain', more);
    }
    return response.end();
  };
  more();
});
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));
