import { expect, test } from 'vitest';
import { answerIn, modelOf, saysSo } from './ask_model.mjs';

test('a model is asked where there is a key', () => {
  expect(modelOf({})).toBeUndefined();
  expect(modelOf({ OPENAI_API_KEY: 'k', OPENAI_BASE_URL: 'http://127.0.0.1:1/v1', EVAL_MODEL: 'm' })).toEqual(
    {
      apiKey: 'k',
      baseURL: 'http://127.0.0.1:1/v1',
      name: 'm',
    },
  );
});

test('an answer is right that has the words of the truth in their order', () => {
  expect(answerIn('There are some.\nANSWER: 1,234')).toBe('1,234');
  expect(saysSo('1,234 findings', 1234)).toBe(true);
  expect(saysSo('17 and 576', '576 17')).toBe(false);
  expect(saysSo('576 (login), 17 (plugin)', '576 17')).toBe(true);
  expect(saysSo('12340', 1234)).toBe(false);
});
