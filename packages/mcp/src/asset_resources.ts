import { ResourceNotFoundError, ResourceTemplate } from '@modelcontextprotocol/server';
import { type Services, searchAssets, searchFindings } from '@nmcp/scans';
import { parseInput, SearchFindingsInputSchema } from '@nmcp/types';
import { completeAsset, completeZone } from './completions.ts';
import { currentRequest } from './request_context.ts';
import {
  contents,
  found,
  JSON_TYPE,
  LINES_TYPE,
  type Resource,
  type Variables,
  variable,
} from './resource.ts';
import { showAnswer, showLines } from './scan_output.ts';

/** Findings of an asset in one resource. */
const MAX_FINDINGS = 100;
/** Characters of what each of them said. */
const OUTPUT_LENGTH = 300;

/** An asset of the inventory, and its history. */
export function assetResources(services: Services): Resource[] {
  const complete = {
    zone: (text: string): Promise<string[]> => completeZone(services, currentRequest().caller, text),
    asset: (text: string, context?: { arguments?: Record<string, string> }): Promise<string[]> =>
      completeAsset(services, currentRequest().caller, text, context?.arguments?.zone),
  };
  return [
    {
      name: 'asset',
      of: searchAssets,
      at: new ResourceTemplate('nessus://assets/{zone}/{asset}', { list: undefined, complete }),
      about: {
        title: 'An asset',
        description:
          'A host over all scans: open findings, services, software, owner, and the scans that reached it',
        mimeType: JSON_TYPE,
      },
      async read(uri, variables) {
        const query = { asset: placeOf(variables), page: 1, page_size: 1 };
        const answer = await found(uri, () => searchAssets(services, currentRequest().caller, query));
        const [asset] = answer.assets;
        if (!asset) throw new ResourceNotFoundError(uri.href);
        return contents(uri, JSON_TYPE, JSON.stringify(showAnswer(asset)));
      },
    },
    {
      name: 'asset-history',
      of: searchFindings,
      at: new ResourceTemplate('nessus://assets/{zone}/{asset}/history', { list: undefined, complete }),
      about: {
        title: 'History of an asset',
        description: `What became of its findings above info: since when, fixed when, came back, and the beginning of what each said; the most urgent ${MAX_FINDINGS}, as JSON lines`,
        mimeType: LINES_TYPE,
      },
      async read(uri, variables) {
        const asked = {
          state: 'all',
          filters: { severity: '>=1' },
          page_size: MAX_FINDINGS,
          max_text: OUTPUT_LENGTH,
        };
        const query = parseInput(SearchFindingsInputSchema, asked, 'resource');
        const answer = await found(uri, () =>
          searchFindings(services, currentRequest().caller, { ...query, asset: placeOf(variables) }),
        );
        const lines = 'lines' in answer ? showLines(answer.lines) : [];
        if (!lines.some((line) => line.startsWith('{"type":"vulnerability"')))
          throw new ResourceNotFoundError(uri.href);
        return contents(uri, LINES_TYPE, lines.join('\n'));
      },
    },
  ];
}

function placeOf({ zone, asset }: Variables): { zone: string; identity: string } {
  return { zone: variable(zone), identity: variable(asset) };
}
