import { readEndpoints } from '@nmcp/test-contract/endpoints';

const BEGIN = '<!-- calls: npm run client-surface -- --update -->';
const END = '<!-- end of calls -->';

/** A README with the table of all calls, read from the client's source, between its marks. */
export function endpointTable(readme) {
  const [before, rest] = readme.split(BEGIN);
  const [, after] = (rest ?? '').split(END);
  if (after === undefined) throw new Error(`README.md has no marks ${BEGIN} and ${END}`);
  return `${before}${BEGIN}\n${table()}${END}${after}`;
}

function table() {
  const families = new Map();
  for (const endpoint of readEndpoints())
    families.set(endpoint.family, [...(families.get(endpoint.family) ?? []), endpoint]);
  const rows = [...families].map(([family, calls]) => {
    const cells = calls.map(({ name, method, path }) => `\`${name}\` ${method} ${path}`);
    return `| ${family} | ${cells.join('<br>')} |`;
  });
  return `\n| family | calls |\n|---|---|\n${rows.join('\n')}\n\n`;
}
