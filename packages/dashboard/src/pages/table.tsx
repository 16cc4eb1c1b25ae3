import type { Child } from 'hono/jsx';
import type { JSX } from 'hono/jsx/jsx-runtime';

/** A column of a table. */
export interface Column {
  word: string;
  /**
   * What its cells hold: `fixed` is never broken (an address, a port, a date), `number` stands to the right, `text` is broken
   * where it has to be.
   *
   * @default text
   */
  kind?: 'text' | 'fixed' | 'number' | undefined;
}

/** A table, or a text if it has no rows. On a phone each row is a card. */
export function Table({
  caption,
  head,
  rows,
  empty,
  dense = false,
}: {
  caption: string;
  head: readonly (string | Column)[];
  rows: readonly Child[][];
  empty: string;
  /** On a phone a row is few lines, not one for each cell. @default false */
  dense?: boolean | undefined;
}): JSX.Element {
  if (rows.length === 0) return <p class="empty">{empty}</p>;
  const columns = head.map((column) => (typeof column === 'string' ? { word: column } : column));
  return (
    <section
      class={['scroll', ...(columns.length > 3 ? ['wide'] : []), ...(dense ? ['rows'] : [])].join(' ')}
      aria-label={caption}
      tabindex={0}
    >
      <table>
        <caption>{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ word, kind }) => (
              <th scope="col" class={kind ?? 'text'}>
                {word === '' ? <span class="hidden">Actions</span> : word}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((cells) => (
            <tr>
              {cells.map((cell, i) => (
                <td class={columns[i]?.kind ?? 'text'} data-word={columns[i]?.word || undefined}>
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
