import { completable, inputRequired } from '@modelcontextprotocol/server';
import { toStandardJsonSchema } from '@valibot/to-json-schema';
import * as v from 'valibot';
import { form, hasAll } from './ask_client.mjs';
import { embedded, image, say } from './fixture_content.mjs';

/** Adds the fixtures' prompts to a server. */
export function addPrompts(server) {
  const prompt = (name, run, argsSchema) =>
    server.registerPrompt(
      name,
      { description: `Fixture ${name}`, ...(argsSchema ? { argsSchema } : {}) },
      run,
    );
  prompt('test_simple_prompt', () => say({ type: 'text', text: 'This is a simple prompt for testing.' }));
  prompt(
    'test_prompt_with_arguments',
    ({ arg1, arg2 }) => say({ type: 'text', text: `Prompt with arguments: arg1='${arg1}', arg2='${arg2}'` }),
    withShape(
      v.object({
        arg1: completable(v.string(), (value) =>
          ['paris', 'park', 'party'].filter((word) => word.startsWith(value)),
        ),
        arg2: v.string(),
      }),
    ),
  );
  prompt(
    'test_prompt_with_embedded_resource',
    ({ resourceUri }) =>
      say(embedded(resourceUri, 'text/plain', 'Embedded resource content for testing.'), {
        type: 'text',
        text: 'Please process the embedded resource above.',
      }),
    withShape(v.object({ resourceUri: v.string() })),
  );
  prompt('test_input_required_result_prompt', async (context) => {
    const requests = { user_context: form('What context should the prompt use?', 'context') };
    return hasAll(context, requests)
      ? say({ type: 'text', text: `Context: ${context.mcpReq.inputResponses.user_context.content?.context}` })
      : inputRequired({ inputRequests: requests });
  });
  prompt('test_prompt_with_image', () =>
    say(image, { type: 'text', text: 'Please analyze the image above.' }),
  );
}

function withShape(schema) {
  return Object.assign(toStandardJsonSchema(schema), { shape: schema.entries });
}
