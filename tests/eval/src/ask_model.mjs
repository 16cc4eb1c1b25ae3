// A model that chooses the calls itself, in the loop of @openai/agents, over MCP.
import { install, load } from '../../clients/real/engines.mjs';

const INSTRUCTIONS = `You answer questions about two vulnerability scans, which stand on the server whose tools you have.
A question is about the later one, unless it says otherwise. Ask the tools; never guess. Close with one line: ANSWER: and only what was asked for, in the order of the question;
numbers as digits, yes as true, a day as 2026-01-31.`;
/** Turns in which a model has to have answered. */
const MAX_TURNS = 12;

/**
 * What says which model: a key, and for others than OpenAI's the address of an API of the same form. `undefined` without one.
 *
 * @param {Record<string, string | undefined>} env
 */
export function modelOf({ OPENAI_API_KEY: apiKey, OPENAI_BASE_URL: baseURL, EVAL_MODEL: name = 'gpt-5.1' }) {
  return apiKey ? { apiKey, baseURL, name } : undefined;
}

/** Connects a model to a server; what it answers comes with the calls that it made. */
export async function openModel({ apiKey, baseURL, name }, mcpUrl) {
  install();
  process.env.OPENAI_AGENTS_DISABLE_TRACING = '1'; // nothing but the questions leaves
  const { Agent, MCPServerStreamableHttp, OpenAIProvider, Runner } = await load('@openai/agents');
  const server = new MCPServerStreamableHttp({ url: mcpUrl, name: 'nessus' });
  await server.connect();
  const agent = new Agent({ name: 'eval', instructions: INSTRUCTIONS, mcpServers: [server], model: name });
  const runner = new Runner({
    modelProvider: new OpenAIProvider({ apiKey, baseURL, useResponses: false }),
  });
  return {
    async ask(question) {
      const { finalOutput = '', newItems } = await runner.run(agent, question, { maxTurns: MAX_TURNS });
      const outputs = newItems.filter(({ type }) => type === 'tool_call_output_item');
      return { said: answerIn(finalOutput), outputs: outputs.map(({ output }) => textOf(output)) };
    },
    close: () => server.close(),
  };
}

/** What stands behind the last `ANSWER:`. */
export function answerIn(text) {
  return text
    .split(/ANSWER:/)
    .at(-1)
    .trim();
}

function textOf(output) {
  return typeof output === 'string' ? output : JSON.stringify(output);
}

/** Whether an answer says what is true: each of its words, in order. */
export function saysSo(said, wanted) {
  const words = String(said)
    .toLowerCase()
    .replaceAll(/(\d),(?=\d{3})/g, '$1')
    .split(/[\s,;:|"'()]+/);
  let at = 0;
  return String(wanted)
    .toLowerCase()
    .split(/\s+/)
    .every((word) => {
      at = words.indexOf(word, at) + 1;
      return at > 0;
    });
}
