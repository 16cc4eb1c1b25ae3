import type { Caller } from '@nmcp/access';
import type { ScanPreview } from '@nmcp/scans';
import type { JSX } from 'hono/jsx/jsx-runtime';
import { FormToken, SelectField, TextField } from './forms.tsx';
import { Page } from './layout.tsx';
import { Problem } from './problem.tsx';

/** The fields of the form. */
export interface NewScanFields {
  targets: string;
  name: string;
  pool: string;
  /** Name of credentials; empty for none. */
  credential: string;
}

/** Rows of the targets field. */
const ROWS = 3;
/** Characters shown of the targets as they would be launched. */
const MAX_SHOWN = 2000;

/** The form for a new scan: first the check against the policy, then the button that starts it. */
export function NewScanPage({
  caller,
  fields,
  pools,
  credentials,
  formToken,
  preview,
  problem,
  refusal,
}: {
  caller: Caller;
  fields: NewScanFields;
  pools: readonly string[];
  credentials: readonly string[];
  formToken: string;
  preview?: ScanPreview | undefined;
  problem?: string | undefined;
  /** Why this caller can start none. */
  refusal?: string | undefined;
}): JSX.Element {
  if (refusal !== undefined)
    return (
      <Page title="New scan" caller={caller} here="/scans">
        <Problem text={refusal} />
      </Page>
    );
  return (
    <Page title="New scan" caller={caller} here="/scans">
      <Problem text={problem} />
      {preview ? <Confirmation {...{ fields, formToken, preview }} /> : null}
      <form method="post" action="/scans/new" class="new-scan">
        <FormToken value={formToken} />
        <label>
          Targets
          <textarea name="targets" rows={ROWS} required placeholder="10.0.0.0/28, web.example.org">
            {fields.targets}
          </textarea>
        </label>
        <p class="notice">
          Addresses, CIDR blocks, ranges or host names, separated by commas or line breaks.
        </p>
        <TextField word="Name" name="name" value={fields.name} placeholder="Office, weekly" />
        <SelectField
          word="Scanner pool"
          name="pool"
          value={fields.pool}
          options={pools.map((pool) => ({ value: pool, word: pool }))}
        />
        {credentials.length > 0 ? (
          <SelectField
            word="Credentials"
            name="credential"
            value={fields.credential}
            options={[
              { value: '', word: 'none' },
              ...credentials.map((name) => ({ value: name, word: name })),
            ]}
          />
        ) : null}
        <button type="submit">{preview ? 'Check again' : 'Check against the policy'}</button>
      </form>
    </Page>
  );
}

function Confirmation({
  fields,
  formToken,
  preview: { targets, addresses, scan_type, approval },
}: {
  fields: NewScanFields;
  formToken: string;
  preview: ScanPreview;
}): JSX.Element {
  const count = `${addresses} ${addresses === 1n ? 'address' : 'addresses'}`;
  return (
    <form method="post" action="/scans" class="confirm">
      <FormToken value={formToken} />
      {/* pressing the button twice submits one scan */}
      <input type="hidden" name="key" value={`dashboard-${crypto.randomUUID()}`} />
      {Object.entries(fields).map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
      ))}
      <p role="status">
        The policy allows this scan: {count},{' '}
        {scan_type === 'untrusted' ? 'without credentials' : 'with credentials'}. The scanner will be given{' '}
        <span class="cut">{targets.slice(0, MAX_SHOWN)}</span>
        {targets.length > MAX_SHOWN ? ' and more' : ''}.
      </p>
      {approval ? (
        <p class="notice">
          It needs approval {approval.by === 'user' ? 'by you' : 'by an operator'} before it runs:{' '}
          {approval.reason}.
        </p>
      ) : null}
      <button type="submit">Start the scan</button>
    </form>
  );
}
