import {
  type InputRequiredResult,
  isInputRequiredResult,
  type ServerContext,
} from '@modelcontextprotocol/server';
import type { Sink } from '@nmcp/access';
import { type ApprovalAnswer, answerApproval, type Services } from '@nmcp/scans';
import { inSpan } from '@nmcp/telemetry';
import { canAsk, givenAnswer, putQuestion } from './ask_person.ts';
import { errorBody } from './error_body.ts';
import { currentRequest } from './request_context.ts';
import { submissionAnswer } from './submission_answer.ts';
import { AnswerOrQuestion, type Tool, type ToolCall, type ToolDefinition } from './tool.ts';
import { type ToolArguments, toolArguments } from './tool_arguments.ts';
import { type CallResult, errorResult, objectResult, outputSchema, textResult } from './tool_result.ts';

/** A call, with its SDK context. */
interface ContextualCall extends ToolCall {
  context: ServerContext;
  /** Where the answer goes. */
  sink?: Sink | undefined;
  /** Whether the client can ask a person a question. */
  canAsk: boolean;
}

/** Makes a tool. Its JSON Schema is made once, since servers are built for each request. */
export function defineTool<Input>(definition: ToolDefinition<Input>): Tool {
  const { title, description, annotations } = definition;
  const { rules } = definition.operation;
  const args = toolArguments(definition.input);
  const config = {
    ...{ title, description, inputSchema: args.advertised },
    annotations: { readOnlyHint: !rules.changes, ...annotations },
    ...(definition.view ? { _meta: { ui: { resourceUri: definition.view } } } : {}),
  };
  return {
    rules,
    register(server, services) {
      const output = outputSchema(definition, services);
      const shown = output ? { ...config, outputSchema: output } : config;
      server.registerTool(rules.name, shown, (input, context) =>
        traced(rules.name, () =>
          callTool({ ...definition, args }, input, services, {
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

/** Progress must increase from one notification to the next. */
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

/** The call as a span, which continues the caller's trace if there is one. */
function traced<T>(tool: string, call: () => Promise<T>): Promise<T> {
  const { headers, caller } = currentRequest();
  const parent = { traceparent: headers.get('traceparent') ?? undefined };
  const attributes = { 'gen_ai.tool.name': tool, 'enduser.id': caller.name };
  return inSpan(`tools/call ${tool}`, { kind: 'server', parent, attributes }, call);
}

async function callTool<Input>(
  definition: ToolDefinition<Input> & { args: ToolArguments<Input> },
  given: unknown,
  services: Services,
  call: ContextualCall,
): Promise<CallResult | InputRequiredResult> {
  const { name } = definition.operation.rules;
  const { metrics, log } = services;
  const begun = performance.now();
  const ended = (status: 'success' | 'error'): void => {
    metrics.apiRequests.inc({ tool: name, status });
    const ms = performance.now() - begun;
    metrics.toolDuration.observe({ tool: name, status }, ms / 1000);
    const level = definition.operation.rules.changes ? 'info' : 'debug'; // agents poll often
    log[level]({ tool: name, caller: call.caller.name, status, ms: Math.round(ms) }, 'tool called');
  };
  try {
    const input = definition.args.read(given, name);
    const answer = await answerTo(definition, input, services, call);
    if (isInputRequiredResult(answer)) return answer;
    const result = typeof answer === 'string' ? textResult(answer, services) : objectResult(answer);
    const length = result.content.reduce((sum, { text }) => sum + text.length, 0);
    if (length > LARGE) services.account.hold(call.caller, length, call.sink);
    ended('success');
    return result;
  } catch (error) {
    ended('error');
    const body = errorBody(error);
    if (body.status_code >= 500)
      log.error({ tool: name, caller: call.caller.name, err: error }, 'tool failed');
    else log.info({ tool: name, caller: call.caller.name, error: body.error }, 'tool refused');
    return errorResult(body, definition, services);
  }
}

/** Runs the tool, or continues after its question; questions to a person work the same for every tool. */
async function answerTo<Input>(
  definition: ToolDefinition<Input>,
  input: Input,
  services: Services,
  call: ContextualCall,
): Promise<object | string> {
  const decide = async (task_id: string, answer: ApprovalAnswer): Promise<object> =>
    submissionAnswer(
      await answerApproval(services, call.caller, { task_id, answer, asked_in: 'the client' }),
    );
  const given = givenAnswer(call.context);
  if (given) return await decide(given.task_id, given.answer);
  const answer = await definition.run(input, services, call);
  if (!(answer instanceof AnswerOrQuestion)) return answer;
  if (!call.canAsk) return answer.answer;
  const said = await putQuestion(answer.question, call.context, services);
  return typeof said === 'string' ? await decide(answer.question.task_id, said) : said;
}

/** Characters of an answer that is noted until it is read. */
const LARGE = 65_536;
