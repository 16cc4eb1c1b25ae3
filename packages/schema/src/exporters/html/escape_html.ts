import { cleanText } from '../../clean_text.ts';

const SPECIAL: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text that is only text in HTML and XML, without what cannot be seen. */
export function escapeHtml(text: string): string {
  return cleanText(text, Number.POSITIVE_INFINITY).replaceAll(/[&<>"']/g, (char) => SPECIAL[char] ?? char);
}
