/** Changes every value inside a JSON value, from the inside out. */
export function editValues(
  value: unknown,
  edit: (value: unknown, key: string | undefined) => unknown,
  key?: string,
): unknown {
  if (Array.isArray(value))
    return edit(
      value.map((item) => editValues(item, edit)),
      key,
    );
  if (!isObject(value)) return edit(value, key);
  const entries = Object.entries(value).map(([name, field]) => [name, editValues(field, edit, name)]);
  return edit(Object.fromEntries(entries), key);
}

/** Whether a JSON value has fields. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
