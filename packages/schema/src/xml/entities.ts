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

/** What almost all references are: names with their `;`, and the characters that they stand for. */
const COMMON = ['lt;', 'gt;', 'amp;', 'quot;', 'apos;'] as const;
const CHARACTERS = ['<', '>', '&', '"', "'"] as const;

/** Reads the common references one by one, which is faster than an expression with a function, and hands over at any other. */
function decodeReferences(text: string): string {
  let decoded = '';
  let from = 0;
  for (let at = text.indexOf('&'); at >= 0; at = text.indexOf('&', from)) {
    const common = commonAt(text, at + 1);
    if (common < 0) return decoded + text.slice(from).replaceAll(REFERENCE, decodeReference);
    decoded += text.slice(from, at) + CHARACTERS[common];
    from = at + 1 + (COMMON[common]?.length ?? 0);
  }
  return decoded + text.slice(from);
}

/** Which of the common references stands at an index; -1 for none. */
function commonAt(text: string, at: number): number {
  for (let common = 0; common < COMMON.length; common++)
    if (text.startsWith(COMMON[common] ?? '', at)) return common;
  return -1;
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
