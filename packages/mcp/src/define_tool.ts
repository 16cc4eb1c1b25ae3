import {
  type InputRequiredResult,
  isInputRequiredResult,
  type McpServer,
  type ServerContext,
  type StandardSchemaWithJSON,
  type ToolAnnotations,
} from '@modelcontextprotocol/server';
import { type Caller, hasScope, type Scope } from '@nmcp/access';
import { inSpan } from '@nmcp/telemetry';
import { type ErrorBody, isNmcpError, NmcpError, parseInput } from '@nmcp/types';
import { toStandardJsonSchema } from '@valibot/to-json-schema';
import type { GenericSchema } from 'valibot';
import { ApprovalQuestion, decideApproval } from './approval_question.ts';
import { canAsk, givenAnswer, putQuestion } from './ask_person.ts';
import type { Toolset } from './offered.ts';
import { type OutputShape, outputSchema } from './output_shape.ts';
import { currentRequest } from './request_context.ts';
import type { Services } from './services.ts';

/** What a tool knows of its call beside the arguments. */
export interface ToolCall {
  /** Aborts when the client has gone or has cancelled the call. */
  signal: AbortSignal;
  /** HTTP headers; empty over stdio. */
  headers: Headers;
  caller: Caller;
  /** Whether the client can put a question before a person. */
  canAsk: boolean;
  /** Tells the client how far the call is, if it wants to know. */
  report: (progress: number, total: number, message: string) => Promise<void>;
}

/** A tool: its schema, its text for the model and its handler together. */
export interface ToolDefinition<Input> {
  name: string;
  title: string;
  description: string;
  input: GenericSchema<unknown, Input>;
  /** Fields of the answer that clients can count on; absent when it answers text. */
  output?: OutputShape | undefined;
  annotations: ToolAnnotations;
  /** What a caller needs; who lacks it does not see the tool. */
  scope: Scope;
  /** A view that clients with MCP Apps show for the answer. */
  view?: string | undefined;
  /** The groups that it belongs to. */
  toolsets: readonly Toolset[];
  /** Answers an object, which is also sent as structured content; or text; or asks. */
  run(input: Input, services: Services, call: ToolCall): Promise<object | string | ApprovalQuestion>;
}

/** A tool, ready to be registered with a server. */
export interface Tool {
  readonly name: string;
  readonly scope: Scope;
  readonly toolsets: readonly Toolset[];
  readonly isReadOnly: boolean;
  register(server: McpServer, services: Services): void;
}

type CallResult = {
  content: { type: 'text'; text: string }[];
  structuredContent?: Record<string, unknown>;
  isError?: boolean;
};

/** Makes a tool. Its JSON Schema is made once, since servers are built for each request. */
export function defineTool<Input>(definition: ToolDefinition<Input>): Tool {
  const { name, title, description, annotations, scope, toolsets, output } = definition;
  const inputSchema = advertised(definition.input);
  const offered = { title, description, inputSchema, annotations };
  const config = {
    ...offered,
    ...(output ? { outputSchema: outputSchema(output) } : {}),
    ...(definition.view ? { _meta: { ui: { resourceUri: definition.view } } } : {}),
  };
  return {
    name,
    scope,
    toolsets,
    isReadOnly: annotations.readOnlyHint === true,
    register(server, services) {
      server.registerTool(name, config, (input, context) =>
        traced(definition.name, () =>
          callTool(definition, input, services, {
            ...{ signal: context.mcpReq.signal, ...currentRequest() },
            canAsk: canAsk(server, context),
            report: reporter(context),
            context,
          }),
        ),
      );
    },
  };
}

/**
 * The schema as clients see it; the check is ours, in {@linkcode callTool}, so that wrong arguments get the same kind of
 * answer as every other error.
 */
function advertised(schema: GenericSchema<unknown, unknown>): StandardSchemaWithJSON<unknown, unknown> {
  const standard = toStandardJsonSchema(schema)['~standard'];
  const { $schema: _, ...json } = standard.jsonSchema.input({ target: 'draft-2020-12' }); // MCP's own dialect need not be named
  const jsonSchema = { input: () => json, output: () => json };
  return { '~standard': { ...standard, jsonSchema, validate: (value) => ({ value }) } };
}

/** Progress has to grow from one notification to the next. */
function reporter(context: ServerContext): ToolCall['report'] {
  const token = context.mcpReq._meta?.progressToken;
  let last = -1;
  return async (progress, total, message) => {
    if (token === undefined || progress <= last) return;
    last = progress;
    const params = { progressToken: token, progress, total, message };
    await context.mcpReq.notify({ method: 'notifications/progress', params });
  };
}

/** The call as a span, which goes on with the caller's trace where it has one. */
function traced<T>(tool: string, call: () => Promise<T>): Promise<T> {
  const { headers, caller } = currentRequest();
  const parent = { traceparent: headers.get('traceparent') ?? undefined };
  const attributes = { 'gen_ai.tool.name': tool, 'enduser.id': caller.name };
  return inSpan(`tools/call ${tool}`, { kind: 'server', parent, attributes }, call);
}

async function callTool<Input>(
  definition: ToolDefinition<Input>,
  args: unknown,
  services: Services,
  call: ToolCall & { context: ServerContext },
): Promise<CallResult | InputRequiredResult> {
  const { name } = definition;
  const { metrics, log } = services;
  const begun = performance.now();
  const ended = (status: 'success' | 'error'): void => {
    metrics.apiRequests.inc({ tool: name, status });
    const ms = performance.now() - begun;
    metrics.toolDuration.observe({ tool: name, status }, ms / 1000);
    const level = definition.annotations.readOnlyHint ? 'debug' : 'info'; // agents look often
    log[level]({ tool: name, caller: call.caller.name, status, ms: Math.round(ms) }, 'tool called');
  };
  try {
    // a session may have been opened by somebody who could do more
    if (!hasScope(call.caller, definition.scope)) throw missingScope(name, definition.scope);
    const input = parseInput(definition.input, args ?? {}, name);
    const answer = await answerTo(definition, input, services, call);
    if (isInputRequiredResult(answer)) return answer;
    ended('success');
    return typeof answer === 'string' ? { content: [{ type: 'text', text: answer }] } : objectResult(answer);
  } catch (error) {
    ended('error');
    const body = errorBody(error);
    if (body.status_code >= 500)
      log.error({ tool: name, caller: call.caller.name, err: error }, 'tool failed');
    else log.info({ tool: name, caller: call.caller.name, error: body.error }, 'tool refused');
    return { ...objectResult(body), isError: true };
  }
}

/** Runs the tool, or goes on where it asked; what a person is asked and says is the same for every tool. */
async function answerTo<Input>(
  definition: ToolDefinition<Input>,
  input: Input,
  services: Services,
  call: ToolCall & { context: ServerContext },
): Promise<object | string> {
  const given = givenAnswer(call.context);
  if (given) return await decideApproval(given.taskId, given.answer, services, call);
  const answer = await definition.run(input, services, call);
  if (!(answer instanceof ApprovalQuestion)) return answer;
  const said = await putQuestion(answer, call.context, services.vault);
  return typeof said === 'string' ? await decideApproval(answer.taskId, said, services, call) : said;
}

function missingScope(tool: string, scope: Scope): NmcpError {
  return new NmcpError('policy_denied', `${tool} needs the scope ${scope}, which your token does not have`, {
    title: 'Not allowed',
  });
}

function objectResult(answer: object): CallResult {
  // what a tool answers is JSON already
  return {
    content: [{ type: 'text', text: JSON.stringify(answer) }],
    structuredContent: answer as Record<string, unknown>,
  };
}

function errorBody(error: unknown): ErrorBody {
  if (isNmcpError(error)) return error.toBody();
  return new NmcpError('internal', 'An unexpected error occurred; the server log has its details', {
    title: 'Internal error',
  }).toBody();
}
