const CODES = { bold: '1', dim: '2', red: '31', green: '32', yellow: '33', cyan: '36' } as const;

/** Puts a text in a colour, or leaves it. */
export type Paint = (colour: keyof typeof CODES, text: string) => string;

/**
 * Colours for an output: on a terminal, unless NO_COLOR is set or the terminal is dumb. Source: no-color.org.
 *
 * @example
 * ```ts
 * import { paintFor } from '@nmcp/runtime/cli';
 *
 * console.assert(paintFor({ isTTY: true }, { NO_COLOR: '1' })('red', 'down') === 'down');
 * ```
 */
export function paintFor(
  output: { isTTY?: boolean | undefined },
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Paint {
  const { NO_COLOR, FORCE_COLOR, TERM } = environment;
  const isOn = NO_COLOR ? false : FORCE_COLOR ? true : output.isTTY === true && TERM !== 'dumb';
  return (colour, text) => (isOn ? `\u001b[${CODES[colour]}m${text}\u001b[0m` : text);
}
