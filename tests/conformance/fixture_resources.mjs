import { ResourceTemplate } from '@modelcontextprotocol/server';
import { PNG } from './fixture_content.mjs';

/** Adds the fixtures' resources to a server. */
export function addResources(server) {
  const resource = (name, uri, mimeType, content) =>
    server.registerResource(name, uri, { description: `Fixture ${name}`, mimeType }, (at) => ({
      contents: [{ uri: at.href, mimeType, ...content }],
    }));
  resource('static-text', 'test://static-text', 'text/plain', {
    text: 'This is the content of the static text resource.',
  });
  resource('static-binary', 'test://static-binary', 'image/png', { blob: PNG });
  resource('watched', 'test://watched-resource', 'text/plain', { text: 'Watched' });
  server.registerResource(
    'template',
    new ResourceTemplate('test://template/{id}/data', { list: undefined }),
    { description: 'Fixture template', mimeType: 'application/json' },
    (uri, { id }) => ({
      contents: [
        {
          uri: uri.href,
          mimeType: 'application/json',
          text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` }),
        },
      ],
    }),
  );
  server.server.setRequestHandler('resources/subscribe', async () => ({}));
  server.server.setRequestHandler('resources/unsubscribe', async () => ({}));
}
