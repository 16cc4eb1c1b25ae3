import type { StandardSchemaWithJSON } from '@modelcontextprotocol/server';
import type { Services } from '@nmcp/scans';
import { cleanJsonLine } from '@nmcp/schema';
import type { ErrorBody } from '@nmcp/types';
import type { ToolDefinition } from './tool.ts';

/** What a call of a tool answers. */
export type CallResult = {
  content: { type: 'text'; text: string }[];
  structuredContent?: Record<string, unknown>;
  isError?: boolean;
};

type Mode = Pick<Services, 'v3Clients'>;
type Answering = Pick<ToolDefinition<never>, 'operation' | 'answers'>;

/** v3.0's tools: with V3_CLIENTS, their results are as its clients know them. */
const V3_TOOLS: ReadonlySet<string> = new Set([
  'run_untrusted_scan',
  'run_authenticated_scan',
  'get_scan_status',
  'get_scan_results',
  'list_tasks',
  'list_scanners',
  'list_pools',
  'get_pool_status',
  'get_queue_status',
]);

/** An answer: an object, as text and as structured content, cleaned of what hosts, scanners and callers could have hidden in it. */
export function objectResult(answer: object): CallResult {
  const text = JSON.stringify(answer);
  const cleaned = cleanJsonLine(text);
  return {
    ...textContent(cleaned),
    structuredContent: (cleaned === text ? answer : JSON.parse(cleaned)) as Record<string, unknown>, // what a tool answers is JSON already
  };
}

/** An answer: text. It is long, so that only v3.0's clients, which look for it there, get it as structured content too. */
export function textResult(text: string, { v3Clients }: Mode): CallResult {
  return { ...textContent(text), ...(v3Clients ? { structuredContent: { result: text } } : {}) };
}

/** An error. v3.0 answered them as ordinary results. */
export function errorResult(body: ErrorBody, tool: Answering, { v3Clients }: Mode): CallResult {
  if (!v3Clients || !V3_TOOLS.has(tool.operation.rules.name)) return { ...objectResult(body), isError: true };
  return tool.answers === 'text' ? textResult(JSON.stringify(body), { v3Clients }) : objectResult(body);
}

/**
 * The schema of what a tool answers. It lists no fields: FastMCP's clients make a type of those that are listed, and drop the
 * rest. A list of them would cost models more than it tells them.
 */
export function outputSchema(
  { answers }: Answering,
  { v3Clients }: Mode,
): StandardSchemaWithJSON | undefined {
  if (answers === 'text') return v3Clients ? WRAPPED_TEXT : undefined;
  return ANY_OBJECT;
}

const ANY_OBJECT = unchecked({ type: 'object', additionalProperties: true });

/** As FastMCP advertises a tool that answers text, so that its clients unwrap it. */
const WRAPPED_TEXT = unchecked({
  type: 'object',
  properties: { result: { type: 'string' } },
  required: ['result'],
  'x-fastmcp-wrap-result': true,
});

/** What tools answer is typed here already, so nothing is checked again. */
function unchecked(schema: Record<string, unknown>): StandardSchemaWithJSON {
  return {
    '~standard': {
      version: 1,
      vendor: 'nmcp',
      validate: (value) => ({ value }),
      jsonSchema: { input: () => schema, output: () => schema },
    },
  };
}

function textContent(text: string): Pick<CallResult, 'content'> {
  return { content: [{ type: 'text', text }] };
}
