import type { ScannerState } from '../state/scanner_state.ts';
import { isDetails, isList, isPoll } from './calls.ts';
import { editValues, isObject } from './edit_fields.ts';
import type { Quirk, QuirkActions, QuirkAnswer } from './quirk.ts';

/** Habits of the answers that say how far a scan is. */
export const POLL_QUIRKS: readonly Quirk[] = [
  odd('401', 'a refused login', { status: 401, json: { error: 'Invalid Credentials' } }),
  odd('400', 'a bad request', { status: 400, json: { error: 'Bad Request' } }),
  odd('403', 'a refusal', { status: 403, json: { error: 'You need to log in to perform this request' } }),
  odd('302', 'a redirect', { status: 302, headers: { location: 'https://login.example.test/' }, body: '' }),
  odd('html', "200 and a proxy's page", {
    status: 200,
    headers: { 'content-type': 'text/html' },
    body: '<!doctype html><title>Log in</title><p>Please log in',
  }),
  {
    name: 'html-answers',
    description: 'Every call is answered by 200 and HTML.',
    source: 'bad input',
    value: { is: 'calls', byDefault: Number.POSITIVE_INFINITY },
    start: (_state, calls) => {
      let left = calls;
      const answer = { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>Log in</html>' };
      return { before: () => (left-- > 0 ? answer : undefined) };
    },
  },
  {
    name: 'session-dies',
    description: 'Every so many looks at a scan, all sessions have ended.',
    source: 'nessrest#73',
    value: { is: 'looks', byDefault: 4 },
    start: (state, every) => {
      let polls = 0;
      return {
        before(call) {
          if (isPoll(call) && ++polls % every === 0) state.accounts.expireSessions();
          return undefined;
        },
      };
    },
  },
  {
    name: 'details-slow',
    description: 'GET /scans/{id} takes minutes.',
    source: 'VulnWhisperer#63, #140',
    value: { is: 'seconds', byDefault: 180 },
    start: (_state, seconds) => ({
      async before(call) {
        if (isDetails(call)) await new Promise((resolve) => setTimeout(resolve, seconds * 1000).unref());
        return undefined;
      },
    }),
  },
  {
    name: 'scan-gone',
    description: 'Somebody deletes the scan while it runs: it is in no list, and its details are 404.',
    source: 'people',
    start: (state) => ({
      edit: (json, call) =>
        isList(call) && isObject(json) && state.counts.launched > 0 ? { ...json, scans: null } : json,
      after: (call) =>
        isDetails(call) && state.counts.launched > 0
          ? { status: 404, json: { error: 'The requested file was not found.' } }
          : undefined,
    }),
  },
  {
    name: 'cancelled-word',
    description: 'A scan that was stopped is "cancelled", with two l.',
    source: 'avleonov.com 2016/06',
    start: () => saying({ canceled: 'cancelled' }),
  },
  {
    name: 'canceling-word',
    description: 'A scan that was stopped is "canceling" for a time.',
    source: 'avleonov.com 2016/06',
    value: { is: 'seconds', byDefault: 3 },
    start: (state, seconds) => {
      let until: number | undefined;
      return {
        edit: (json, call) =>
          editWord(json, isPoll(call), (word) => {
            if (word !== 'canceled') return word;
            until ??= state.now() + seconds * 1000;
            return state.now() < until ? 'canceling' : word;
          }),
      };
    },
  },
  {
    name: 'odd-word',
    description: 'A scan that runs is called by a word that nobody has seen.',
    source: 'avleonov.com 2016/06',
    start: () => saying({ running: 'marinating', processing: 'marinating' }),
  },
  {
    name: 'odd-word-at-end',
    description: 'A scan that is done is called by a word that nobody has seen.',
    source: 'avleonov.com 2016/06',
    start: () => saying({ completed: 'matured' }),
  },
];

/** One kind of odd answer to some looks at a scan that was launched. */
function odd(name: string, what: string, answer: QuirkAnswer): Quirk {
  return {
    name: `odd-${name}`,
    description: `Some looks at a scan that runs are answered by ${what}.`,
    source: 'VulnWhisperer',
    value: { is: 'looks', byDefault: 2 },
    start: (state, looks) => oddActions(state, looks, answer),
  };
}

function oddActions(state: ScannerState, looks: number, answer: QuirkAnswer): QuirkActions {
  let [passed, left] = [0, looks];
  return {
    before(call) {
      const isMeant = isPoll(call) && state.counts.launched > 0 && passed++ > 0;
      return isMeant && left-- > 0 ? answer : undefined;
    },
  };
}

/** Status words in place of others. */
function saying(words: Readonly<Record<string, string>>): QuirkActions {
  return {
    edit: (json, call) => editWord(json, isPoll(call), (word) => words[word] ?? word),
  };
}

function editWord(json: unknown, isMeant: boolean, edit: (word: string) => string): unknown {
  if (!isMeant) return json;
  return editValues(json, (value, key) =>
    key === 'status' && typeof value === 'string' ? edit(value) : value,
  );
}
