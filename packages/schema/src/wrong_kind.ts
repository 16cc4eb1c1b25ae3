/** How to get what can be read. */
const EXPORT_AS =
  'in Nessus open the scan and choose Export > Nessus (the .nessus format, version 2), or let the API export it with "format": "nessus"';

/** Characters from which a kind is told: no more than always come together, so that it does not matter how a document is cut. */
const HEAD_LENGTH = 32;

/** Files that people take for exports, by their first characters. */
const BEGINNINGS: readonly (readonly [RegExp, string])[] = [
  [
    /^\s*(?:<!doctype html|<html|<head|<body)/i,
    'This is an HTML page: an HTML report, or a page that was saved in place of a download (a login page, for instance)',
  ],
  [/^\s*"?Plugin ID"?\s*[,;]/i, 'This is a CSV report of Nessus'],
  [/^\s*(?:timestamps|results)\|/, 'This is a report in the old NBE format'],
  [/^%PDF-/, 'This is a PDF report'],
  [/^\s*[[{]\s*["\]}{[]/, 'This is JSON, such as an answer of the Nessus API'],
  [/^SQLite format 3/, 'This is an internal database of Nessus, not an export'],
];

/** Root elements of other XML files. */
const ROOTS: Readonly<Record<string, string>> = {
  html: 'This is an HTML page: an HTML report, or a page that was saved in place of a download (a login page, for instance)',
  NessusClientData: 'This is a .nessus file of version 1, from before Nessus 4.2',
  nmaprun: 'This is a report of Nmap',
  report: 'This is a report of another scanner, such as OpenVAS',
  NexposeReport: 'This is a report of Nexpose',
};

/** What a text is that is no export, and how to get one; `undefined` for what may be one. */
export function wrongKind(text: string): string | undefined {
  const head = text.slice(0, HEAD_LENGTH);
  const found = BEGINNINGS.find(([beginning]) => beginning.test(head));
  if (found) return `${found[1]}: ${EXPORT_AS}`;
  if (/^[\s\ufeff]*</.test(head)) return undefined;
  // a policy, a plugin set or a scan as Nessus keeps them is not text
  if (Array.from(head).some(isOfNoText))
    return `This is an internal file of Nessus or another binary file, not an export: ${EXPORT_AS}`;
  return undefined;
}

/** Whether a character is one that texts do not have. */
function isOfNoText(char: string): boolean {
  return char === '\ufffd' || (char < ' ' && !/\s/.test(char));
}

/** The same for an XML document by the name of its root element. */
export function wrongRoot(name: string, expected: string): string {
  const what = Object.hasOwn(ROOTS, name)
    ? ROOTS[name]
    : name.toLowerCase() === 'html'
      ? ROOTS.html
      : undefined;
  const root = `the root element is <${name}>, expected <${expected}>`;
  return what === undefined ? `Not a .nessus document: ${root}` : `${what}; ${root}: ${EXPORT_AS}`;
}
