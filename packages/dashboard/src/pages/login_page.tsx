import type { JSX } from 'hono/jsx/jsx-runtime';
import { Page } from './layout.tsx';
import { Problem } from './problem.tsx';

/** The page that asks for a token. */
export function LoginPage({ problem, to }: { problem?: string | undefined; to: string }): JSX.Element {
  return (
    <Page title="Log in">
      <Problem text={problem} />
      <form method="post" action="/login" class="login">
        <input type="hidden" name="to" value={to} />
        <label>
          Token <input name="token" type="password" autocomplete="current-password" required />
        </label>
        <button type="submit">Log in</button>
      </form>
      <p>An operator creates tokens with nmcp-admin token create.</p>
    </Page>
  );
}
