import { decodeAttribute } from './entities.ts';

const ATTRIBUTE = /\s+([^\s=<>"'/]+)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/y;

/** What is wrong with a start tag. */
export class AttributeError extends Error {}

/**
 * The attributes of a start tag, from the text between its name and its `>`.
 *
 * @throws {AttributeError} when the text is not a row of `name="value"`.
 * @throws {EntityError} on a bad reference in a value.
 */
export function parseAttributes(raw: string): Map<string, string> {
  const attributes = new Map<string, string>();
  ATTRIBUTE.lastIndex = 0;
  let end = 0;
  for (let match = ATTRIBUTE.exec(raw); match; match = ATTRIBUTE.exec(raw)) {
    const [, name = '', double, single = ''] = match;
    if (attributes.has(name)) throw new AttributeError(`The attribute ${name} occurs twice`);
    attributes.set(name, decodeAttribute(double ?? single));
    end = ATTRIBUTE.lastIndex;
  }
  if (raw.slice(end).trim() !== '') {
    throw new AttributeError(
      `Expected attributes of the form name="value", found ${JSON.stringify(raw.slice(end).trim().slice(0, 40))}`,
    );
  }
  return attributes;
}
