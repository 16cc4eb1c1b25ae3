/** Waits until a URL answers with success. `isGone` tells why it never will, and that is thrown. */
export async function untilAnswers(
  url: string,
  { everyMs = 20, isGone = () => undefined }: { everyMs?: number; isGone?: () => string | undefined } = {},
): Promise<void> {
  while (
    !(await fetch(url).then(
      (answer) => answer.ok,
      () => false,
    ))
  ) {
    const why = isGone();
    if (why !== undefined) throw new Error(why);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
