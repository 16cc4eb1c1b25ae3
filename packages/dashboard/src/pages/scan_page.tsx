import type { Caller } from '@nmcp/access';
import type { ApprovalQuestion } from '@nmcp/scans';
import { cleanText } from '@nmcp/schema';
import type { AuthenticationStatus, Task } from '@nmcp/types';
import type { JSX } from 'hono/jsx/jsx-runtime';
import { Row } from './about_row.tsx';
import { Meter } from './charts.tsx';
import { FormToken } from './forms.tsx';
import { cut, Page, State, When } from './layout.tsx';
import { Results, type ShownResults } from './scan_results.tsx';
import { timeLeft } from './time_left.ts';

/** What may be done with a scan that has not ended. */
export interface ScanForms {
  formToken: string;
  mayCancel: boolean;
  /** Present if the caller may approve or refuse it. */
  question?: ApprovalQuestion | undefined;
}

const OUTCOMES: Readonly<Record<string, string>> = {
  canceled: 'The scan was canceled before it ran.',
  requested: 'The scan is being stopped.',
  ended: 'The scan had already ended; nothing was changed.',
};

const CREDENTIALS: Readonly<Record<AuthenticationStatus, string>> = {
  success: 'worked on every host',
  partial: 'worked on some hosts, or in part',
  failed: 'worked on no host',
  not_applicable: 'none: the scan did not log in',
  unknown: 'not known',
};

/** One scan. */
export function ScanPage({
  task,
  caller,
  results,
  forms,
  waits = [],
  outcome = '',
}: {
  task: Task;
  caller: Caller;
  results?: ShownResults | undefined;
  forms?: ScanForms | undefined;
  /** Why a queued one only waits. */
  waits?: readonly string[] | undefined;
  /** The outcome of a cancellation that was just requested. */
  outcome?: string | undefined;
}): JSX.Element {
  const { task_id, status, payload } = task;
  const isOpen = status === 'queued' || status === 'running';
  return (
    <Page
      title={cut(payload.name || task_id, 120)}
      caller={caller}
      here="/scans"
      live={isOpen ? `/events?scan=${task_id}` : undefined}
    >
      {Object.hasOwn(OUTCOMES, outcome) ? <p role="status">{OUTCOMES[outcome]}</p> : null}
      <div id="live" aria-live="polite">
        <dl class="about">
          <Row word="State">
            <State word={status} />
            {status === 'running' ? (
              <span class="progress">
                <Meter percent={task.progress ?? 0} label={`${task.progress ?? 0} percent done`} />{' '}
                {task.progress ?? 0} %, {timeLeft(task, Date.now())} left
              </span>
            ) : null}
          </Row>
          <Row word="Targets">{cut(payload.targets, 2000)}</Row>
          <Row word="Scanner">
            {task.scanner_pool}
            {task.scanner_instance_id ? `:${task.scanner_instance_id}` : ''}
          </Row>
          <Row word="Submitted">
            <When at={task.created_at} /> by {task.owner ?? 'an unknown caller'}
          </Row>
          {task.ran?.scan_start ? (
            <Row word="Ran">
              <When at={task.ran.scan_start} />
            </Row>
          ) : null}
          <Row word="Ended">
            <When at={task.completed_at} />
          </Row>
          {task.validation_stats ? <Row word="Hosts">{task.validation_stats.hosts_scanned}</Row> : null}
          {waits.map((why) => (
            <Row word="Waits">{cut(why, 600)}</Row>
          ))}
          {task.authentication_status ? (
            <Row word="Credentials">{CREDENTIALS[task.authentication_status]}</Row>
          ) : null}
          {task.status === 'queued' && task.approval?.state === 'pending' ? (
            <Row word="Waiting for approval">
              {task.approval.reason}; expires <When at={task.approval.expires_at} />
            </Row>
          ) : null}
          {task.error_message ? <Row word="Reason">{task.error_message}</Row> : null}
          {isOpen && task.waiting ? (
            <Row word="Waits">
              {cleanText(task.waiting.said, 400)}, since <When at={task.waiting.since} />
            </Row>
          ) : null}
          {task.partial ? <Row word="Results">Partial: what was found until it ended</Row> : null}
          <Row word="Id">{task_id}</Row>
        </dl>
        {isOpen && forms ? <OpenScanForms task={task} forms={forms} /> : null}
      </div>
      {results ? <Results task={task} results={results} /> : null}
    </Page>
  );
}

function OpenScanForms({
  task: { task_id, attached },
  forms: { formToken, mayCancel, question },
}: {
  task: Task;
  forms: ScanForms;
}): JSX.Element {
  const base = `/scans/${task_id}`;
  return (
    <>
      {question ? (
        <form method="post" action={`${base}/approval`} class="buttons">
          <FormToken value={formToken} />
          <button type="submit" name="answer" value="yes">
            Approve scan
          </button>
          <button type="submit" name="answer" value="no">
            Refuse scan
          </button>
        </form>
      ) : null}
      {mayCancel ? (
        <details>
          <summary>Cancel the scan</summary>
          <form method="post" action={`${base}/cancel`}>
            <FormToken value={formToken} />
            <p>
              {attached
                ? 'It is no longer followed here, but continues on the scanner.'
                : 'It is stopped, and its findings so far are discarded.'}
            </p>
            <button type="submit">Cancel permanently</button>
          </form>
        </details>
      ) : null}
    </>
  );
}
