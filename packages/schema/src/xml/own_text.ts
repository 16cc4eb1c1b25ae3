/** A text of its own, for what is kept: a slice keeps the whole chunk that it came from. */
export function ownText(text: string): string {
  return ` ${text}`.slice(1);
}
