import * as v from 'valibot';
import { NessusApiError } from './errors.ts';

/** The JSON of an answer of status 200. */
export function parseJson(text: string, endpoint: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const what = /^\s*</.test(text)
      ? "HTML or XML, perhaps a proxy's page"
      : text === ''
        ? 'nothing'
        : 'something else';
    throw new NessusApiError(
      'scanner_error',
      `${endpoint} was expected to answer JSON and answered ${what}`,
      200,
      endpoint,
    );
  }
}

/** An answer of status 200 that says that something went wrong. */
export function refuseErrorBody(answer: unknown, endpoint: string): unknown {
  if (typeof answer !== 'object' || answer === null || Object.keys(answer).length > 2) return answer;
  if (!('error' in answer) || typeof answer.error !== 'string' || answer.error === '') return answer;
  throw new NessusApiError(
    'scanner_error',
    `${endpoint} answered 200 with an error: ${answer.error.slice(0, 300)}`,
    200,
    endpoint,
    { body: answer },
  );
}

/** What an answer was expected to be. */
export function checkAnswer<T>(schema: v.GenericSchema<unknown, T>, answer: unknown, endpoint: string): T {
  const result = v.safeParse(schema, answer);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const path = v.getDotPath(issue) ?? 'the answer';
  throw new NessusApiError(
    'scanner_error',
    `${endpoint}: ${path} was expected to be ${issue.expected ?? 'something else'}`,
    200,
    endpoint,
  );
}
