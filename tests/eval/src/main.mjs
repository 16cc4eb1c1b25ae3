// npm run eval [-- --json] [--seed N]: questions about a seeded network, through the tools as a model would call them.
// With OPENAI_API_KEY (and OPENAI_BASE_URL, EVAL_MODEL) that model chooses the calls.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { atLeast, atMost, inTempFolder, reportRows, startApp } from '@nmcp/test-support';
import { getEncoding } from 'js-tiktoken';
import { modelOf, openModel, saysSo } from './ask_model.mjs';
import { buildNetwork } from './build_network.mjs';
import { QUESTIONS } from './questions.mjs';
import { changes, readTruth } from './read_truth.mjs';

const args = process.argv.slice(2);
const isJson = args.includes('--json');
const seed = args.includes('--seed') ? Number(args[args.indexOf('--seed') + 1]) : 7;
const say = (text) => console.error(`[eval] ${text}`);
const model = modelOf(process.env);
const encoding = getEncoding('o200k_base');

await inTempFolder(async (folder) => {
  const importDir = join(folder, 'imports');
  mkdirSync(importDir);
  say(`a network of seed ${seed}`);
  await buildNetwork(importDir, seed);
  return await withServer(join(folder, 'data'), importDir, async (client, url) => {
    const imported = async (file) => (await call(client, 'import_scan', { file })).json.task_id;
    // the later one first: the order of the imports says nothing of when a scan ran
    const later = await imported('later.nessus');
    const earlier = await imported('earlier.nessus');
    const [before, after] = ['earlier', 'later'].map((name) => readTruth(join(importDir, `${name}.nessus`)));
    const truth = { earlier: before, later: after, change: changes(before, after), ids: { earlier, later } };
    say(`${before.findings.length} and ${after.findings.length} findings`);
    const answers = await (model ? byModel(url, truth) : byScript({ client, earlier, later, truth }));
    for (let i = 0; i < 10; i++) await imported(`wide-${i}.nessus`);
    const wide = await call(client, 'list_tasks', { target_filter: '10.100.0.0-10.109.255.255' });
    report(answers, wide);
  });
});

async function byScript(world) {
  const answers = [];
  for (const question of asked(world.truth)) answers.push(await answer(question, world));
  return answers;
}

async function byModel(url, truth) {
  const { ask, close } = await openModel(model, url);
  const answers = [];
  for (const [question, , tell] of asked(truth)) {
    const { said, outputs } = await ask(question).catch((error) => ({ said: error.message, outputs: [] }));
    const wanted = tell(truth);
    const tokens = outputs.reduce((sum, text) => sum + encoding.encode(text, [], []).length, 0);
    answers.push({
      asked: question,
      said,
      wanted,
      right: saysSo(said, wanted),
      tokens,
      calls: outputs.length,
    });
  }
  await close();
  return answers;
}

function asked(truth) {
  return QUESTIONS.map(([text, ...calls]) => [typeof text === 'string' ? text : text(truth), ...calls]);
}

async function answer([question, ask, tell], { client, earlier, later, truth }) {
  const spent = { tokens: 0, calls: 0 };
  const counting = async (name, input) => {
    const answered = await call(client, name, input);
    spent.tokens += answered.tokens;
    spent.calls++;
    return answered;
  };
  const json = async (name, input) => (await counting(name, input)).json;
  const text = async (name, input) => (await counting(name, input)).text;
  const compared = (options) =>
    json('compare_scans', { earlier_task_id: earlier, later_task_id: later, ...options });
  const said = await ask({ json, text, compared, earlier, later, truth }).catch((error) => error.message);
  const wanted = tell(truth);
  return { asked: question, said, wanted, right: said === wanted, ...spent };
}

function report(answers, wide) {
  const tokens = answers.map((each) => each.tokens).sort((a, b) => a - b);
  for (const { asked, said, wanted, right, tokens: read, calls } of answers)
    say(
      `${right ? 'right' : 'WRONG'}  ${read} tokens, ${calls} calls  ${asked} ${right ? said : `${said}, in truth ${wanted}`}`,
    );
  reportRows(
    'eval',
    [
      atLeast('questions right', 'questions', answers.filter(({ right }) => right).length, QUESTIONS.length),
      atMost('tokens read for one, median', 'tokens', tokens[Math.floor(tokens.length / 2)], 600),
      atMost('tokens read for one, worst', 'tokens', tokens.at(-1), 4000),
      atMost('list of ten tasks with 2,500 targets each', 'tokens', wide.tokens, 1500),
    ],
    { json: isJson },
  );
}

async function call(client, name, input) {
  const { content, isError } = await client.callTool({ name, arguments: input });
  const [{ text }] = content;
  if (isError) throw new Error(`${name}: ${text.slice(0, 300)}`);
  const json = text.startsWith('{') && !text.includes('\n{') ? JSON.parse(text) : undefined;
  return { text, json, tokens: encoding.encode(text, [], []).length };
}

async function withServer(dataDir, importDir, use) {
  const app = startApp('mcp-api', [], {
    ...{ PORT: '0', DATA_DIR: dataDir, IMPORT_DIR: importDir },
    ...{ NESSUS_URL: 'http://127.0.0.1:9', NESSUS_ACCESS_KEY: 'a', NESSUS_SECRET_KEY: 's' },
  });
  try {
    const [, url] = await app.says(/"url":"(http[^"]+)"/);
    const client = new Client({ name: 'eval', version: '0' }, { versionNegotiation: { mode: 'auto' } });
    await client.connect(new StreamableHTTPClientTransport(new URL(`${url}/mcp`)));
    return await use(client, `${url}/mcp`).finally(() => client.close());
  } finally {
    await app.stop();
  }
}
