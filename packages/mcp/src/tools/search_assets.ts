import { searchAssets } from '@nmcp/scans';
import { SearchAssetsInputSchema } from '@nmcp/types';
import { defineTool } from '../define_tool.ts';
import { showAnswer } from '../scan_output.ts';
import type { Tool } from '../tool.ts';

/** Finds assets over all scans. */
export const searchAssetsTool: Tool = defineTool({
  operation: searchAssets,
  title: 'Hosts of the network',
  description:
    'Hosts over all scans: what runs where, open findings by severity, when last seen, whether logins work. One host: also its services, software and scans. E.g. {"software": "openssh < 9.8"}, {"port": 3389, "network": "10.0.0.0/8"}',
  input: SearchAssetsInputSchema,
  annotations: { idempotentHint: true, openWorldHint: false },
  run: async (input, services, { caller, signal }) =>
    showAnswer(await searchAssets(services, caller, input, signal)),
});
