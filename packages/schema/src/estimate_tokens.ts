const [WORD, DIGIT, SIGN] = [1.15, 0.68, 0.39];

/**
 * About how many tokens a model counts for JSON-NL, without a tokenizer: words, digits and signs, weighted. The weights are
 * those that fit o200k_base best on pages of findings, real and made up; the error is below 10 percent there.
 *
 * @example
 * ```ts
 * import { estimateTokens } from '@nmcp/schema';
 *
 * console.assert(estimateTokens('{"type":"vulnerability","host":"10.0.0.7"}') < 30);
 * ```
 */
export function estimateTokens(text: string): number {
  let [words, digits, signs, isInWord] = [0, 0, 0, false];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const isLetter = (code >= 97 && code <= 122) || (code >= 65 && code <= 90);
    if (isLetter) {
      if (!isInWord) words++;
    } else if (code >= 48 && code <= 57) digits++;
    else if (code !== 32) signs++;
    isInWord = isLetter;
  }
  return Math.ceil(WORD * words + DIGIT * digits + SIGN * signs);
}
