import {
  CLIENT_CAPABILITIES_META_KEY,
  type ClientCapabilities,
  createRequestStateCodec,
  type InputRequiredResult,
  inputRequired,
  inputResponse,
  type McpServer,
  type RequestStateCodec,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { parseTaskId, type TaskId } from '@nmcp/types';
import type { Vault } from '@nmcp/vault';
import type { ApprovalQuestion, PersonAnswer } from './approval_question.ts';
import { currentRequest } from './request_context.ts';

/** Time that a person has to answer while a call is held open. */
const ANSWER_MS = 300_000;
/** Name of the question among the input requests of a result. */
const KEY = 'approval';

const FORM = {
  type: 'object' as const,
  properties: { run: { type: 'boolean' as const, title: 'Run this scan', default: false } },
  required: ['run'],
};

/** What goes to the client with a question, and comes back with its answer; signed, and bound to the caller. */
interface QuestionState {
  task_id: string;
}

/** A codec for each vault: servers are built for each request. */
const codecs = new WeakMap<Vault, Promise<RequestStateCodec<QuestionState>>>();

/** Signs the state of questions with the vault's key, so that any process that has it can take the answer. */
export function questionCodec(vault: Vault): Promise<RequestStateCodec<QuestionState>> {
  const known =
    codecs.get(vault) ??
    vault.fingerprint('state of questions').then((key) =>
      createRequestStateCodec<QuestionState>({
        key,
        ttlSeconds: ANSWER_MS / 1000,
        bind: () => currentRequest().caller.name,
      }),
    );
  codecs.set(vault, known);
  return known;
}

/** Whether the client can put a form before a person. */
export function canAsk(server: McpServer, context: ServerContext): boolean {
  const { elicitation } = capabilitiesOf(context) ?? server.server.getClientCapabilities() ?? {};
  // before there were modes, the one mode was the form
  return elicitation !== undefined && (elicitation.form !== undefined || elicitation.url === undefined);
}

/**
 * Asks. Protocol 2025-11-25 and before: the call is held open until the answer is there. After it: the result says what is
 * wanted, and the client calls again.
 */
export async function putQuestion(
  { taskId, message }: ApprovalQuestion,
  context: ServerContext,
  vault: Vault,
): Promise<PersonAnswer | InputRequiredResult> {
  if (capabilitiesOf(context)) {
    const codec = await questionCodec(vault);
    return inputRequired({
      inputRequests: { [KEY]: inputRequired.elicit({ message, requestedSchema: FORM }) },
      requestState: await codec.mint({ task_id: taskId }, context),
    });
  }
  const { signal } = context.mcpReq;
  const form = { mode: 'form' as const, message, requestedSchema: FORM };
  // a client that fails or is slow leaves the task waiting, as one that cannot ask does
  const { action, content } = await context.mcpReq
    .elicitInput(form, { timeout: ANSWER_MS, signal })
    .catch(() => ({ action: 'cancel' as const, content: undefined }));
  return answerOf(action, content);
}

/** The answer that a call carries to an earlier question. */
export function givenAnswer({ mcpReq }: ServerContext): { taskId: TaskId; answer: PersonAnswer } | undefined {
  const state = mcpReq.requestState<QuestionState>();
  if (state === undefined) return undefined;
  const given = inputResponse(mcpReq.inputResponses, KEY);
  const answer = given.kind === 'elicit' ? answerOf(given.action, given.content) : 'nothing';
  return { taskId: parseTaskId(state.task_id), answer };
}

function answerOf(
  action: 'accept' | 'decline' | 'cancel',
  content: Record<string, unknown> | undefined,
): PersonAnswer {
  if (action === 'cancel') return 'nothing';
  return action === 'accept' && content?.run === true ? 'yes' : 'no';
}

/** Requests since 2026-07-28 carry the client's capabilities. */
function capabilitiesOf({ mcpReq }: ServerContext): ClientCapabilities | undefined {
  // the SDK has checked the envelope, and its type says nothing of what is in it
  const envelope = mcpReq.envelope as Record<string, ClientCapabilities> | undefined;
  return envelope?.[CLIENT_CAPABILITIES_META_KEY];
}
