import type { Caller } from '@nmcp/access';
import type { DeadLetter } from '@nmcp/scans';
import { cleanText } from '@nmcp/schema';
import type { JSX } from 'hono/jsx/jsx-runtime';
import { FormToken } from './forms.tsx';
import { Page, Table, When } from './layout.tsx';

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
    <Page title="Dead letters" caller={caller} here="/dead-letters">
      {said ? <p role="status">{said}</p> : null}
      <Table
        caption={`${letters.length} tasks that could not be run`}
        head={['Task', 'Pool', 'Failed', 'Reason', '']}
        empty="No dead letters."
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
