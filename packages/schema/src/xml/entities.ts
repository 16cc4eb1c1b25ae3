const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };
const REFERENCE = /&(?:#x([\da-fA-F]+)|#(\d+)|([^\s&;<]*))(;?)/g;
const LAST_CODE_POINT = 0x10ffff;

/** Says what is wrong with a piece of text; the caller knows where it stands. */
export class EntityError extends Error {}

/**
 * The text that a piece of XML character data stands for: the five named entities, numeric references, and line ends
 * as one `\n`. An entity that a DOCTYPE declares is never expanded.
 *
 * @throws {EntityError} on a `&` that begins none of these.
 */
export function decodeText(raw: string): string {
  const text = raw.includes('\r') ? raw.replaceAll(/\r\n?/g, '\n') : raw;
  return text.includes('&') ? decodeReferences(text) : text;
}

/** {@linkcode decodeText} for an attribute, where every blank is a space (XML 1.0, 3.3.3). */
export function decodeAttribute(raw: string): string {
  const text = /[\t\n\r]/.test(raw) ? raw.replaceAll(/\r\n|[\t\n\r]/g, ' ') : raw;
  return text.includes('&') ? decodeReferences(text) : text;
}

/** What almost all references are, by the character behind the `&`. */
const COMMON: readonly (readonly [string, string])[] = [
  ['lt;', '<'],
  ['gt;', '>'],
  ['amp;', '&'],
  ['quot;', '"'],
  ['apos;', "'"],
];

/** Reads the common references one by one, which is faster than an expression with a function, and hands over at any other. */
function decodeReferences(text: string): string {
  let [decoded, from] = ['', 0];
  for (let at = text.indexOf('&'); at >= 0; at = text.indexOf('&', from)) {
    const found = COMMON.find(([name]) => text.startsWith(name, at + 1));
    if (!found) return decoded + text.slice(from).replaceAll(REFERENCE, decodeReference);
    decoded += text.slice(from, at) + found[1];
    from = at + 1 + found[0].length;
  }
  return decoded + text.slice(from);
}

function decodeReference(
  all: string,
  hex: string | undefined,
  decimal: string | undefined,
  name: string | undefined,
  end: string,
): string {
  if (end === '')
    throw new EntityError(
      `"&" must begin a reference such as &amp;, found ${JSON.stringify(all.slice(0, 20))}`,
    );
  if (name !== undefined) {
    const char = Object.hasOwn(NAMED, name) ? NAMED[name] : undefined;
    if (char === undefined) {
      throw new EntityError(
        `The entity ${JSON.stringify(all.slice(0, 40))} is not one of &lt; &gt; &amp; &quot; &apos;; entities of a DOCTYPE are not expanded`,
      );
    }
    return char;
  }
  const code = hex === undefined ? Number.parseInt(decimal ?? '', 10) : Number.parseInt(hex, 16);
  const legal =
    code <= LAST_CODE_POINT &&
    (code >= 0x20 || code === 9 || code === 10 || code === 13) &&
    !(code >= 0xd800 && code <= 0xdfff);
  return legal ? String.fromCodePoint(code) : '\ufffd';
}
