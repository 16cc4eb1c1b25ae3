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
import { type ApprovalAnswer, type ApprovalQuestion, deriveKey, type Services } from '@nmcp/scans';
import { approvalForm } from './approval_form.ts';
import { currentRequest } from './request_context.ts';

/** Time that a person has to answer while a call is held open. */
const ANSWER_MS = 300_000;
/** Name of the question among the input requests of a result. */
const KEY = 'approval';

/** What goes to the client with a question, and comes back with its answer; signed, and bound to the caller. */
interface QuestionState {
  task_id: string;
}

/** A codec for each process's services: servers are built for each request. */
const codecs = new WeakMap<Services, Promise<RequestStateCodec<QuestionState>>>();

/** Signs the state of questions with a server key, so that any process with that key can accept the answer. */
export function questionCodec(services: Services): Promise<RequestStateCodec<QuestionState>> {
  const known =
    codecs.get(services) ??
    deriveKey(services, 'state of questions').then((key) =>
      createRequestStateCodec<QuestionState>({
        key,
        ttlSeconds: ANSWER_MS / 1000,
        bind: () => currentRequest().caller.name,
      }),
    );
  codecs.set(services, known);
  return known;
}

/** Whether the client can show a form to a person. */
export function canAsk(server: McpServer, context: ServerContext): boolean {
  const { elicitation } = capabilitiesOf(context) ?? server.server.getClientCapabilities() ?? {};
  // before there were modes, form was the only one
  return elicitation !== undefined && (elicitation.form !== undefined || elicitation.url === undefined);
}

/**
 * Asks. Protocol 2025-11-25 and before: the call is held open until the answer is there. After it: the result says what is
 * wanted, and the client calls again.
 */
export async function putQuestion(
  question: ApprovalQuestion,
  context: ServerContext,
  services: Services,
): Promise<ApprovalAnswer | InputRequiredResult> {
  const form = approvalForm(question);
  if (capabilitiesOf(context)) {
    const codec = await questionCodec(services);
    return inputRequired({
      inputRequests: { [KEY]: inputRequired.elicit(form) },
      requestState: await codec.mint({ task_id: question.task_id }, context),
    });
  }
  const { signal } = context.mcpReq;
  // if the client fails or is slow, the task waits for approval, as with a client that cannot ask
  const { action, content } = await context.mcpReq
    .elicitInput({ mode: 'form', ...form }, { timeout: ANSWER_MS, signal })
    .catch(() => ({ action: 'cancel' as const, content: undefined }));
  return answerOf(action, content);
}

/** The answer that a call carries to an earlier question. */
export function givenAnswer({
  mcpReq,
}: ServerContext): { task_id: string; answer: ApprovalAnswer } | undefined {
  const state = mcpReq.requestState<QuestionState>();
  if (state === undefined) return undefined;
  const given = inputResponse(mcpReq.inputResponses, KEY);
  const answer = given.kind === 'elicit' ? answerOf(given.action, given.content) : 'nothing';
  return { task_id: state.task_id, answer };
}

function answerOf(
  action: 'accept' | 'decline' | 'cancel',
  content: Record<string, unknown> | undefined,
): ApprovalAnswer {
  if (action === 'cancel') return 'nothing';
  return action === 'accept' && content?.run === true ? 'yes' : 'no';
}

/** Requests since 2026-07-28 carry the client's capabilities. */
function capabilitiesOf({ mcpReq }: ServerContext): ClientCapabilities | undefined {
  // the SDK has checked the envelope, but its type says nothing about the contents
  const envelope = mcpReq.envelope as Record<string, ClientCapabilities> | undefined;
  return envelope?.[CLIENT_CAPABILITIES_META_KEY];
}
