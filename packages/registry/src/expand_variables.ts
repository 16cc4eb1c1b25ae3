const REFERENCE = /\$\{([^}]*)\}/g;
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Thrown for a reference that cannot be expanded; the caller knows the line. */
export class VariableError extends Error {}

/**
 * Replaces `${NAME}` and `${NAME:-default}` in a text; an empty variable counts as unset, as in a shell.
 *
 * @throws {VariableError} on an unset variable without a default. Values are never part of the message.
 */
export function expandVariables(
  text: string,
  environment: Readonly<Record<string, string | undefined>>,
): string {
  return text.replaceAll(REFERENCE, (_all, inner: string) => {
    const separator = inner.indexOf(':-');
    const name = separator < 0 ? inner : inner.slice(0, separator);
    if (!NAME.test(name)) {
      throw new VariableError(
        `\${${inner.slice(0, 40)}} is not a variable reference; expected \${NAME} or \${NAME:-default}`,
      );
    }
    const value = environment[name] || (separator < 0 ? undefined : inner.slice(separator + 2));
    if (value === undefined) {
      throw new VariableError(
        `the environment variable ${name} is not set; set it, or write \${${name}:-default}`,
      );
    }
    return value;
  });
}
