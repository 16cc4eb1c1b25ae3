import type { Child } from 'hono/jsx';
import type { JSX } from 'hono/jsx/jsx-runtime';

/** Proves that a form comes from one of this caller's pages. */
export function FormToken({ value }: { value: string }): JSX.Element {
  return <input type="hidden" name="form" value={value} />;
}

/** A form that filters what a page shows, by its query string. */
export function FilterForm({
  action,
  submit = 'Show',
  children,
}: {
  action: string;
  /** Label of the button. @default Show */
  submit?: string | undefined;
  children: Child;
}): JSX.Element {
  return (
    <form method="get" action={action} class="filters">
      {children}
      <button type="submit">{submit}</button>
    </form>
  );
}

/** A text field with its label. */
export function TextField({
  word,
  name,
  value,
  placeholder,
}: {
  word: string;
  name: string;
  value: string | undefined;
  placeholder?: string | undefined;
}): JSX.Element {
  return (
    <label>
      {word} <input name={name} value={value ?? ''} placeholder={placeholder} />
    </label>
  );
}

/** A box to tick; it sends `yes`. */
export function CheckField({ word, name, isOn }: { word: string; name: string; isOn: boolean }): JSX.Element {
  return (
    <label class="check">
      <input type="checkbox" name={name} value="yes" checked={isOn} /> {word}
    </label>
  );
}

/** One value of several. */
export function SelectField({
  word,
  name,
  value,
  options,
}: {
  word: string;
  name: string;
  value: string | undefined;
  options: readonly { value: string; word: string }[];
}): JSX.Element {
  return (
    <label>
      {word}{' '}
      <select name={name}>
        {options.map((option) => (
          <option value={option.value} selected={option.value === value}>
            {option.word}
          </option>
        ))}
      </select>
    </label>
  );
}
