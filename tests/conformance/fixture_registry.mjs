// The tools, resources and prompts that the public conformance suite asks for, in place of ours.
import { setTimeout as delay } from 'node:timers/promises';
import {
  CLIENT_CAPABILITIES_META_KEY,
  completable,
  createRequestStateCodec,
  inputRequired,
  McpServer,
  ResourceTemplate,
} from '@modelcontextprotocol/server';
import { toStandardJsonSchema } from '@valibot/to-json-schema';
import * as v from 'valibot';

const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==';
const WAV = 'UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA=';
const MIXED = '{"test":"data","value":123}';

const none = toStandardJsonSchema(v.object({}));
const prompted = toStandardJsonSchema(v.object({ prompt: v.string() }));
const asked = toStandardJsonSchema(v.object({ message: v.string() }));
const text = (words) => ({ content: [{ type: 'text', text: words }] });
const image = { type: 'image', data: PNG, mimeType: 'image/png' };
const embedded = (uri, mimeType, words) => ({ type: 'resource', resource: { uri, mimeType, text: words } });
const say = (...content) => ({ messages: content.map((part) => ({ role: 'user', content: part })) });

/** A schema that is sent as it is written here. */
const schema2020 = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  $defs: {
    address: { type: 'object', properties: { street: { type: 'string' }, city: { type: 'string' } } },
  },
  properties: { name: { type: 'string' }, address: { $ref: '#/$defs/address' } },
  additionalProperties: false,
};
const asWritten = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value) => ({ value }),
    jsonSchema: { input: () => schema2020, output: () => schema2020 },
  },
};

const FORMS = {
  test_elicitation: {
    properties: {
      username: { type: 'string', description: "User's response" },
      email: { type: 'string', description: "User's email address" },
    },
    required: ['username', 'email'],
  },
  test_elicitation_sep1034_defaults: {
    properties: {
      name: { type: 'string', default: 'John Doe' },
      age: { type: 'integer', default: 30 },
      score: { type: 'number', default: 95.5 },
      status: { type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active' },
      verified: { type: 'boolean', default: true },
    },
  },
  test_elicitation_sep1330_enums: {
    properties: {
      untitledSingle: { type: 'string', enum: ['option1', 'option2', 'option3'] },
      titledSingle: {
        type: 'string',
        oneOf: ['First', 'Second', 'Third'].map((word, i) => ({
          const: `value${i + 1}`,
          title: `${word} Option`,
        })),
      },
      legacyEnum: {
        type: 'string',
        enum: ['opt1', 'opt2', 'opt3'],
        enumNames: ['Option One', 'Option Two', 'Option Three'],
      },
      untitledMulti: { type: 'array', items: { type: 'string', enum: ['option1', 'option2', 'option3'] } },
      titledMulti: {
        type: 'array',
        items: {
          anyOf: ['First', 'Second', 'Third'].map((word, i) => ({
            const: `value${i + 1}`,
            title: `${word} Choice`,
          })),
        },
      },
    },
  },
};

/** What is asked of the client, by the name under which the answer comes. */
const form = (message, field, type = 'string') =>
  inputRequired.elicit({
    message,
    requestedSchema: { type: 'object', properties: { [field]: { type } }, required: [field] },
  });
const ask = (words, maxTokens) =>
  inputRequired.createMessage({
    messages: [{ role: 'user', content: { type: 'text', text: words } }],
    maxTokens,
  });
const codec = createRequestStateCodec({ key: crypto.getRandomValues(new Uint8Array(32)), ttlSeconds: 60 });
const hasAll = (context, requests) =>
  Object.keys(requests).every((key) => context.mcpReq.inputResponses?.[key] !== undefined);

/** Asks until all is answered, then answers. */
function asking(requests, answer, { withState = false } = {}) {
  return async (_input, context) => {
    if (!hasAll(context, requests))
      return inputRequired({
        inputRequests: requests,
        ...(withState ? { requestState: await codec.mint({ round: 1 }, context) } : {}),
      });
    return answer(context);
  };
}

/** Builds the server of a request or a session. */
export function buildFixtures() {
  const server = new McpServer(
    { name: 'nessus-mcp-fixtures', version: '0' },
    {
      capabilities: { logging: {}, resources: { subscribe: true } },
      requestState: { verify: (state, context) => codec.verify(state, context) },
    },
  );
  const tool = (name, run, inputSchema = none) =>
    server.registerTool(name, { description: `Fixture ${name}`, inputSchema }, run);

  tool('test_simple_text', () => text('This is a simple text response for testing.'));
  tool('test_image_content', () => ({ content: [image] }));
  tool('test_audio_content', () => ({ content: [{ type: 'audio', data: WAV, mimeType: 'audio/wav' }] }));
  tool('test_embedded_resource', () => ({
    content: [embedded('test://embedded-resource', 'text/plain', 'This is an embedded resource content.')],
  }));
  tool('test_multiple_content_types', () => ({
    content: [
      { type: 'text', text: 'Multiple content types test:' },
      image,
      embedded('test://mixed-content-resource', 'application/json', MIXED),
    ],
  }));
  tool('test_tool_with_logging', async (_input, context) => {
    for (const words of ['Tool execution started', 'Tool processing data', 'Tool execution completed']) {
      await context.mcpReq.log('info', words);
      await delay(50);
    }
    return text('Logged');
  });
  tool('test_error_handling', () => {
    throw new Error('This tool intentionally returns an error for testing');
  });
  tool('test_tool_with_progress', async (_input, context) => {
    const progressToken = context.mcpReq._meta?.progressToken;
    for (const progress of [0, 50, 100]) {
      if (progressToken !== undefined)
        await context.mcpReq.notify({
          method: 'notifications/progress',
          params: { progressToken, progress, total: 100 },
        });
      await delay(50);
    }
    return text('Progressed');
  });
  tool(
    'test_sampling',
    async ({ prompt }, context) => {
      const answer = await context.mcpReq.requestSampling({
        messages: [{ role: 'user', content: { type: 'text', text: prompt } }],
        maxTokens: 100,
      });
      return text(`LLM response: ${answer.content.text}`);
    },
    prompted,
  );
  for (const [name, form] of Object.entries(FORMS))
    tool(
      name,
      async ({ message = 'Please fill this in' }, context) => {
        const { action, content } = await context.mcpReq.elicitInput({
          message,
          requestedSchema: { type: 'object', ...form },
        });
        return text(`Elicitation completed: action=${action}, content=${JSON.stringify(content ?? {})}`);
      },
      name === 'test_elicitation' ? asked : none,
    );
  tool('json_schema_2020_12_tool', () => text('ok'), asWritten);
  tool('test_reconnection', async (_input, context) => {
    context.http?.closeSSE?.();
    await delay(100);
    return text('Reconnected');
  });

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
  tool('test_logging_tool', async (_input, context) => {
    await context.mcpReq.log('info', 'A line for who wants lines');
    return text('Logged');
  });

  const resource = (name, uri, mimeType, content) =>
    server.registerResource(name, uri, { description: `Fixture ${name}`, mimeType }, (at) => ({
      contents: [{ uri: at.href, mimeType, ...content }],
    }));
  resource('static-text', 'test://static-text', 'text/plain', {
    text: 'This is the content of the static text resource.',
  });
  resource('static-binary', 'test://static-binary', 'image/png', { blob: PNG });
  resource('watched', 'test://watched-resource', 'text/plain', { text: 'Watched' });
  server.registerResource(
    'template',
    new ResourceTemplate('test://template/{id}/data', { list: undefined }),
    { description: 'Fixture template', mimeType: 'application/json' },
    (uri, { id }) => ({
      contents: [
        {
          uri: uri.href,
          mimeType: 'application/json',
          text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` }),
        },
      ],
    }),
  );
  server.server.setRequestHandler('resources/subscribe', async () => ({}));
  server.server.setRequestHandler('resources/unsubscribe', async () => ({}));

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
  return server;
}

function withShape(schema) {
  return Object.assign(toStandardJsonSchema(schema), { shape: schema.entries });
}
