import { type Finding, listOf } from './finding.ts';

/** What removes a finding: an update of a product to at least a version, or else what its solution says. */
export interface Fix {
  /** The same for all that one step removes. */
  key: string;
  /** The product as the solution writes it, where the step is an update. */
  product?: string;
  /** The version that is enough for this finding. */
  version?: string;
  /** The solution, with its blanks folded. */
  solution: string;
}

const VERSION = String.raw`v?(\d+(?:[.\-_][\dA-Za-z]+)*[A-Za-z]?\d*)`;
/** `Upgrade to Apache version 2.4.64 or later`, `Update Firefox to version 140 or later`. */
const NAMED_VERSION = new RegExp(
  String.raw`\b(?:upgrade|update)\s+(?:to\s+)?(?:the\s+)?(.*?)\s*\b(?:to\s+)?(?:versions?|releases?)\s+${VERSION}(.*)`,
  'i',
);
/** `Upgrade to nginx 1.25.3 or later`. */
const BARE_VERSION = new RegExp(
  String.raw`\b(?:upgrade|update)\s+(?:to\s+)?(?:the\s+)?(\S.*?)\s+(?:to\s+)?${VERSION}((?:\s*(?:/|,|or)\s*\S*\d\S*)*\s+or\s+(?:later|above|higher|newer|greater).*)`,
  'i',
);
/** `3.6.4 / 3.5.14`, where a product was looked for. */
const ONLY_VERSIONS = /^v?\d[\w.,/\s-]*$/i;
/** Blanks that are folded: most solutions have none. */
const FOLDS = /\s\s|[^\S ]/;
const NO_FIX = /^(?:n\/a|none|nothing|no solution)?\.?$/i;

/**
 * What fixes a finding; `undefined` for one that states nothing.
 *
 * `Upgrade to Apache version 2.4.64 or later.` is the product Apache and the version 2.4.64.
 */
export function fixOf(finding: Pick<Finding, 'plugin_name'> & Partial<Finding>): Fix | undefined {
  const written = listOf(finding.solution).join(' ');
  const solution = (FOLDS.test(written) ? written.replaceAll(/\s+/g, ' ') : written).trim();
  if (NO_FIX.test(solution)) return undefined;
  const found = NAMED_VERSION.exec(solution) ?? BARE_VERSION.exec(solution);
  if (!found) return { key: solution.toLowerCase(), solution };
  const [, named = '', first = '', rest = ''] = found;
  const versions = ONLY_VERSIONS.test(named) ? (named.match(/\d[\w.-]*/g) ?? []) : [];
  const product =
    (versions.length > 0 ? '' : productOf(named)) ||
    productOf(beforeVersion(String([finding.plugin_name].flat()[0] ?? '')));
  if (product === '') return { key: solution.toLowerCase(), solution };
  const version = highest([first, ...versions, ...versionsIn(rest)]);
  return { key: `update ${product.toLowerCase()}`, product, version, solution };
}

/** `Apache 2.4.x < 2.4.64 Multiple Vulnerabilities` is about Apache. */
function beforeVersion(pluginName: string): string {
  return /^[^<(:\d]*/.exec(pluginName)?.[0] ?? '';
}

function productOf(text: string): string {
  return text
    .replaceAll(
      /\b(?:to|a|an|the|latest|fixed|affected|installed|your|version of|installation of)\b\s*/gi,
      '',
    )
    .replace(/[\s,:;-]+$/, '')
    .trim();
}

/** Versions of further branches, up to the end of the sentence: `2.4.64 / 2.2.34 or later`. */
function versionsIn(text: string): string[] {
  const sentence = /^(?:\s*(?:\/|,|or|and)\s*(?:v?\d[\w.-]*\w|\d))*/i.exec(text)?.[0] ?? '';
  return [...sentence.matchAll(/\d[\w.-]*/g)].map(([version]) => version);
}

function highest(versions: readonly string[]): string {
  return versions.reduce((best, version) => (compareVersions(version, best) > 0 ? version : best));
}

/** Orders versions: numbers by value, letters by the alphabet; `1.1.1w` is after `1.1.1`. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.toLowerCase().match(/\d+|[a-z]+/g) ?? []);
  for (let i = 0; i < Math.max(left?.length ?? 0, right?.length ?? 0); i++) {
    const [x, y] = [left?.[i], right?.[i]];
    if (x === undefined || y === undefined) return x === undefined ? -1 : 1;
    const order = /\d/.test(x) && /\d/.test(y) ? Number(x) - Number(y) : x < y ? -1 : x > y ? 1 : 0;
    if (order !== 0) return order;
  }
  return 0;
}
