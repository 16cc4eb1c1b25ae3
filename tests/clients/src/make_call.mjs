// A call as other people's clients make it: fetch would refuse a GET with a body, which nessrest sends.
import { once } from 'node:events';
import { request } from 'node:http';

/** @returns {Promise<{status: number | undefined, text: string, json: any}>} */
export async function makeCall(url, { method = 'GET', headers = {}, body } = {}) {
  const sent = request(url, {
    method,
    headers: { ...headers, ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }) },
  });
  sent.end(body);
  const [response] = await once(sent, 'response');
  let text = '';
  response.setEncoding('utf8');
  for await (const chunk of response) text += chunk;
  return { status: response.statusCode, text, json: parse(text) };
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // a report, or nothing
  }
}

/** Runs steps and prints what became of each. @returns whether all passed */
export async function runSteps(steps) {
  let [passed, failed] = [0, 0];
  for (const [name, step] of Object.entries(steps)) {
    try {
      await step();
      passed++;
      console.log(`ok ${name}`);
    } catch (error) {
      failed++;
      console.log(`not ok ${name}: ${error.message}`);
    }
  }
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0;
}

/** Asks again until an answer is right. */
export async function until(look) {
  for (let i = 0; i < 300; i++) {
    if (await look()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('It did not come');
}
