// Questions to the client of a stateless protocol: they go back as a result, and the client calls again with the answers.
import { createRequestStateCodec, inputRequired } from '@modelcontextprotocol/server';

/** What is asked of the client, by the name under which the answer comes. */
export const form = (message, field, type = 'string') =>
  inputRequired.elicit({
    message,
    requestedSchema: { type: 'object', properties: { [field]: { type } }, required: [field] },
  });
/** What is asked of the client's model. */
export const ask = (words, maxTokens) =>
  inputRequired.createMessage({
    messages: [{ role: 'user', content: { type: 'text', text: words } }],
    maxTokens,
  });
/** Of the state that a client carries from one call to the next. */
export const codec = createRequestStateCodec({
  key: crypto.getRandomValues(new Uint8Array(32)),
  ttlSeconds: 60,
});
/** Whether the client has answered all of them. */
export const hasAll = (context, requests) =>
  Object.keys(requests).every((key) => context.mcpReq.inputResponses?.[key] !== undefined);

/** Asks until all is answered, then answers. */
export function asking(requests, answer, { withState = false } = {}) {
  return async (_input, context) => {
    if (!hasAll(context, requests))
      return inputRequired({
        inputRequests: requests,
        ...(withState ? { requestState: await codec.mint({ round: 1 }, context) } : {}),
      });
    return answer(context);
  };
}
