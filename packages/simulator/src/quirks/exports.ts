import { fileCall, isVerb, scanOf } from './calls.ts';
import { isObject } from './edit_fields.ts';
import type { Quirk, QuirkActions, QuirkAnswer } from './quirk.ts';

const LOST: QuirkAnswer = { status: 404, json: { error: 'The requested file was not found.' } };

/** Habits of exports. */
export const EXPORT_QUIRKS: readonly Quirk[] = [
  {
    name: 'no-tokens',
    description: 'Nessus 6.8 to 7: an export is answered with a token, and there is no /tokens.',
    source: 'nessus_report_downloader#1',
    start: () => ({ before: ({ path }) => (path.startsWith('/tokens') ? LOST : undefined) }),
  },
  {
    name: 'export-forgotten',
    description: 'The first exports are forgotten, as after a restart: their status is 404.',
    source: 'seccubus#603, #590, PHPNessusNG#20',
    value: { is: 'exports', byDefault: 1 },
    start: (state, exports) => {
      let left = exports;
      return whenBegun(({ token, key }) => {
        if (left-- > 0) state.exports.forget(token, key);
      });
    },
  },
  {
    name: 'export-fails',
    description: 'The first exports cannot be written: their status is 500 {"status":"error"}, then 404.',
    source: 'seccubus#371, #360, #383',
    value: { is: 'exports', byDefault: 1 },
    start: (state, exports) => {
      let left = exports;
      const failing = new Map<string, () => void>();
      const begun = whenBegun(({ token, key }) => {
        if (left-- <= 0) return;
        const forget = (): void => {
          state.exports.forget(token, key);
          for (const each of [token, key]) failing.delete(each);
        };
        for (const each of [token, key]) failing.set(each, forget);
      });
      return {
        ...begun,
        before({ path }) {
          const forget = failing.get(keyOfFile(path));
          forget?.();
          return forget ? { status: 500, json: { status: 'error' } } : undefined;
        },
      };
    },
  },
  {
    name: 'export-busy',
    description: 'For a moment after the end an export is refused: 409 "Can not export running scans".',
    source: 'nessrest#116',
    value: { is: 'refusals', byDefault: 2 },
    start: (_state, refusals) => {
      let left = refusals;
      const answer = { status: 409, json: { error: 'Can not export running scans' } };
      return { before: (call) => (isVerb(call, 'export') && left-- > 0 ? answer : undefined) };
    },
  },
  {
    name: 'export-slow',
    description: 'An export is loading for long.',
    source: 'VulnWhisperer#63',
    value: { is: 'seconds', byDefault: 3600 },
    start: (state, seconds) => {
      let until = 0;
      return {
        ...whenBegun(() => {
          until = state.now() + seconds * 1000;
        }),
        before: (call) =>
          fileCall(call) === 'status' && state.now() < until
            ? { status: 200, json: { status: 'loading' } }
            : undefined,
      };
    },
  },
  {
    name: 'export-of-another',
    description: 'The first exports are those of another scan.',
    source: 'bad input',
    value: { is: 'exports', byDefault: 1 },
    start: (state, exports) => {
      let left = exports;
      return whenBegun(({ token, key }) => {
        if (left-- <= 0) return;
        const other = state.scans.plant({
          name: 'Of somebody else',
          description: '[nmcp:ne_scan_of_somebody_else]',
          createdAt: 0,
          imported: undefined,
        });
        state.scans.runBySchedule(other.id, 0);
        state.exports.redirect(other.id, token, key);
      });
    },
  },
];

/** Acts on every export that was begun. */
function whenBegun(act: (file: { token: string; key: string }) => void): QuirkActions {
  return {
    after(call, json) {
      const scan = scanOf(call);
      if (scan && isVerb(call, 'export') && isObject(json))
        act({ token: String(json.token), key: `${scan.id}/${json.file}` });
      return undefined;
    },
  };
}

/** The key under which the state has a file, from a path of either way. */
function keyOfFile(path: string): string {
  const [, token, scan, file] =
    /^\/(?:tokens\/([^/]+)|scans\/(\d+)\/export\/([^/]+))\/(?:status|download)$/.exec(path) ?? [];
  return token ?? `${scan}/${file}`;
}
