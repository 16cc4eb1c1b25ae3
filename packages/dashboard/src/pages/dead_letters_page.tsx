import type { Caller } from '@nmcp/access';
import type { DeadLetter } from '@nmcp/scans';
import { cleanText } from '@nmcp/schema';
import type { JSX } from 'hono/jsx/jsx-runtime';
import { FormToken } from './forms.tsx';
import { Page, When } from './layout.tsx';
import { Table } from './table.tsx';

/** Tasks that could not be run. */
export function DeadLettersPage({
  caller,
  formToken,
  letters,
  said,
}: {
  caller: Caller;
  formToken: string;
  letters: readonly DeadLetter[];
  said?: string | undefined;
}): JSX.Element {
  return (
    <Page title="Scans that could not be run" caller={caller} here="/dead-letters">
      {said ? <p role="status">{said}</p> : null}
      <Table
        caption={`${letters.length} dead letters, newest first`}
        head={['Task', 'Pool', { word: 'Failed', kind: 'fixed' }, 'Reason', '']}
        empty="Every scan could be run."
        rows={letters.map(({ id, scanner_pool, failed_at, error }) => [
          id.startsWith('malformed-') ? id : <a href={`/scans/${encodeURIComponent(id)}`}>{id}</a>,
          scanner_pool,
          <When at={failed_at} />,
          cleanText(error, 300),
          id.startsWith('malformed-') ? (
            ''
          ) : (
            <form method="post" action="/dead-letters/retry">
              <FormToken value={formToken} />
              <input type="hidden" name="pool" value={scanner_pool} />
              <input type="hidden" name="id" value={id} />
              <button type="submit">Retry</button>
            </form>
          ),
        ])}
      />
    </Page>
  );
}
