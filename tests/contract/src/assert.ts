/** Fails with a text. Web standards only, so that it works in every runtime. */
export function assert(condition: unknown, what: string): asserts condition {
  if (!condition) throw new Error(`expected ${what}`);
}

/** Compares as JSON. */
export function assertEqual(actual: unknown, expected: unknown, what: string): void {
  const [found, wanted] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (found !== wanted) throw new Error(`${what}: expected ${wanted}, found ${found}`);
}

/** What an action is refused with. */
export async function refusal(
  action: () => Promise<unknown>,
): Promise<{ code?: string; httpStatus?: number }> {
  try {
    await action();
  } catch (error) {
    return error as { code?: string; httpStatus?: number }; // NmcpError of the client
  }
  throw new Error('expected a refusal');
}
