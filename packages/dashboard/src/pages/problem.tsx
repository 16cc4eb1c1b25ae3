import type { JSX } from 'hono/jsx/jsx-runtime';

/** An error message, if there is one. */
export function Problem({ text }: { text: string | undefined }): JSX.Element | null {
  if (text === undefined) return null;
  return (
    <p class="problem" role="alert">
      {text}
    </p>
  );
}
