// Tools that answer within one call.
import { setTimeout as delay } from 'node:timers/promises';
import { toStandardJsonSchema } from '@valibot/to-json-schema';
import * as v from 'valibot';
import { addTool } from './add_tool.mjs';
import { embedded, image, MIXED, none, text, WAV } from './fixture_content.mjs';

const prompted = toStandardJsonSchema(v.object({ prompt: v.string() }));
const asked = toStandardJsonSchema(v.object({ message: v.string() }));

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

/** Adds them to a server. */
export function addTools(server) {
  const tool = (...args) => addTool(server, ...args);

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
  tool('test_logging_tool', async (_input, context) => {
    await context.mcpReq.log('info', 'A line for who wants lines');
    return text('Logged');
  });
}
