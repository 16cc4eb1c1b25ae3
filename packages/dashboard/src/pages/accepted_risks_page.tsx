import type { Caller } from '@nmcp/access';
import type { AcceptRiskInput, ListedRisk } from '@nmcp/scans';
import type { JSX } from 'hono/jsx/jsx-runtime';
import { FormToken, TextField } from './forms.tsx';
import { cut, Page, State } from './layout.tsx';
import { Problem } from './problem.tsx';
import { Table } from './table.tsx';

/** What somebody has filled in. */
export type RiskFields = Omit<AcceptRiskInput, 'days'> & { days: string };

/** Risks that people have accepted, and for those who may, a form. */
export function AcceptedRisksPage({
  caller,
  risks,
  form,
  problem,
}: {
  caller: Caller;
  risks: readonly ListedRisk[];
  /** For those who may accept risks. */
  form?: { token: string; fields: RiskFields } | undefined;
  problem?: string | undefined;
}): JSX.Element {
  return (
    <Page title="Accepted risks" caller={caller} here="/network/risks">
      <Problem text={problem} />
      <Table
        caption="The next to end first; findings are those that are still there"
        head={[
          { word: 'Until', kind: 'fixed' },
          'What',
          'Where',
          { word: 'Findings', kind: 'number' },
          'Reason',
          'Person',
          ...(form ? [''] : []),
        ]}
        empty="No risk is accepted."
        rows={risks.map((risk) => [
          <>
            {new Date(risk.until * 1000).toISOString().slice(0, 10)}{' '}
            {risk.isOver ? <State word="over" /> : null}
          </>,
          <a
            href={`/network/vulnerabilities/${encodeURIComponent(String(risk.cve ?? risk.plugin))}?state=accepted`}
          >
            {risk.cve ?? `plugin ${risk.plugin}`}
          </a>,
          cut(risk.host ?? 'everywhere', 80),
          String(risk.findings),
          cut(risk.reason, 300),
          cut(risk.person, 60),
          ...(form
            ? [
                <form method="post" action="/network/risks/remove">
                  <FormToken value={form.token} />
                  <input type="hidden" name="id" value={risk.id} />
                  <button type="submit">Take back</button>
                </form>,
              ]
            : []),
        ])}
      />
      {form ? <AcceptForm {...form} /> : null}
    </Page>
  );
}

function AcceptForm({ token, fields }: { token: string; fields: RiskFields }): JSX.Element {
  return (
    <section aria-labelledby="accept">
      <h2 id="accept">Accept a risk</h2>
      <p class="notice">
        Its findings are no longer open, but accepted, until it ends. A plugin or a CVE is needed.
      </p>
      <form method="post" action="/network/risks" class="new-scan">
        <FormToken value={token} />
        <TextField word="Plugin" name="plugin" value={fields.plugin} placeholder="57608" />
        <TextField word="CVE" name="cve" value={fields.cve} placeholder="CVE-2021-44228" />
        <TextField
          word="Only there (an address, a network or a name)"
          name="host"
          value={fields.host}
          placeholder="10.3.0.0/24"
        />
        <TextField word="Reason" name="reason" value={fields.reason} />
        <TextField word="Days" name="days" value={fields.days} />
        <button type="submit" class="primary">
          Accept
        </button>
      </form>
    </section>
  );
}
