import type { Caller } from '@nmcp/access';
import type { FixPlan } from '@nmcp/scans';
import type { JSX } from 'hono/jsx/jsx-runtime';
import { Fixes, stepOf } from './fixes.tsx';
import { cut, Page, withQuery } from './layout.tsx';
import { PlaceFilter, type PlaceQuery } from './place_filter.tsx';
import { Problem } from './problem.tsx';

/** The plan: which steps remove most of what matters; as a ticket's text and as CSV, too. */
export function FixFirstPage({
  caller,
  place,
  plan,
  ticket,
  problem,
}: {
  caller: Caller;
  place: PlaceQuery;
  plan?: FixPlan | undefined;
  /** The text for whoever does it. */
  ticket?: string | undefined;
  problem?: string | undefined;
}): JSX.Element {
  return (
    <Page title="Fix first" caller={caller} here="/network/fixes">
      <PlaceFilter action="/network/fixes" place={place} />
      <Problem text={problem} />
      {plan ? (
        <>
          <p class="notice">
            {plan.open_findings} open findings above info on {plan.open_hosts} assets; {plan.without_fix}{' '}
            state no fix. {plan.total_steps} steps in all, ordered {plan.order}.
          </p>
          <Fixes
            fixes={plan.steps.map(stepOf)}
            empty={`${cut(plan.empty?.why ?? 'Nothing to fix: nothing above info is open', 400)}.`}
          />
          {plan.left > 0 ? <p class="notice">These steps leave {plan.left} findings.</p> : null}
          <p class="buttons">
            {['csv', 'xlsx', 'md'].map((format) => (
              <a class="button" href={withQuery(`/network/fixes/export/${format}`, { ...place })}>
                {format}
              </a>
            ))}
          </p>
        </>
      ) : null}
      {ticket ? (
        <details>
          <summary>Ticket text</summary>
          <pre>{ticket}</pre>
        </details>
      ) : null}
    </Page>
  );
}
