import type { Caller } from '@nmcp/access';
import type { JSX } from 'hono/jsx/jsx-runtime';
import { Page } from './layout.tsx';
import { Problem } from './problem.tsx';

/** The page for something that does not exist or may not be seen. */
export function ProblemPage({
  title,
  text,
  caller,
}: {
  title: string;
  text: string;
  caller: Caller;
}): JSX.Element {
  return (
    <Page title={title} caller={caller}>
      <Problem text={text} />
      <p>
        <a href="/scans">Back to the scans</a>
      </p>
    </Page>
  );
}
