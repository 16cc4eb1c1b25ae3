// Tools that ask the client by what they answer, and are called again.
import { CLIENT_CAPABILITIES_META_KEY, inputRequired } from '@modelcontextprotocol/server';
import { addTool } from './add_tool.mjs';
import { ask, asking, codec, form, hasAll } from './ask_client.mjs';
import { text } from './fixture_content.mjs';

/** Adds them to a server. */
export function addAskingTools(server) {
  const tool = (...args) => addTool(server, ...args);
  const name = form('What is your name?', 'name');
  const sampled = (context) => JSON.stringify(Object.values(context.mcpReq.inputResponses ?? {}));
  tool(
    'test_input_required_result_elicitation',
    asking({ user_name: name }, (context) =>
      text(`Hello, ${context.mcpReq.inputResponses.user_name.content?.name ?? 'you'}!`),
    ),
  );
  tool(
    'test_input_required_result_sampling',
    asking({ capital_question: ask('What is the capital of France?', 100) }, (context) =>
      text(sampled(context)),
    ),
  );
  tool(
    'test_input_required_result_list_roots',
    asking({ client_roots: inputRequired.listRoots() }, (context) => text(sampled(context))),
  );
  tool(
    'test_input_required_result_request_state',
    asking({ confirm: form('Please confirm', 'ok', 'boolean') }, () => text('state-ok'), { withState: true }),
  );
  tool(
    'test_input_required_result_tampered_state',
    asking({ confirm: form('Please confirm', 'ok', 'boolean') }, () => text('state-ok'), { withState: true }),
  );
  tool(
    'test_input_required_result_multiple_inputs',
    asking(
      { user_name: name, greeting: ask('Generate a greeting', 50), client_roots: inputRequired.listRoots() },
      (context) => text(sampled(context)),
      { withState: true },
    ),
  );
  tool('test_input_required_result_multi_round', async (_input, context) => {
    const { round = 0 } = context.mcpReq.requestState() ?? {};
    const steps = [
      { step1: form('Step 1: What is your name?', 'name') },
      { step2: form('Step 2: What is your favorite color?', 'color') },
    ];
    if (round < 2)
      return inputRequired({
        inputRequests: steps[round],
        requestState: await codec.mint({ round: round + 1 }, context),
      });
    return text('All rounds are done');
  });
  tool('test_input_required_result_capabilities', async (_input, context) => {
    const declared = context.mcpReq.envelope?.[CLIENT_CAPABILITIES_META_KEY] ?? {};
    const requests = {
      ...(declared.elicitation ? { user_name: name } : {}),
      ...(declared.sampling ? { greeting: ask('Generate a greeting', 50) } : {}),
    };
    return Object.keys(requests).length > 0 && !hasAll(context, requests)
      ? inputRequired({ inputRequests: requests })
      : text(sampled(context));
  });
  tool(
    'test_missing_capability',
    asking({ needed: ask('Anything', 10) }, () => text('ok')),
  );
  tool('test_streaming_elicitation', async (_input, context) => {
    const progressToken = context.mcpReq._meta?.progressToken ?? 'none';
    await context.mcpReq.notify({
      method: 'notifications/progress',
      params: { progressToken, progress: 1, total: 2 },
    });
    return await asking({ user_name: name }, () => text('ok'))(_input, context);
  });
}
