import type { Caller } from '@nmcp/access';
import { cleanText, type Finding } from '@nmcp/schema';
import type { Task } from '@nmcp/types';
import type { JSX } from 'hono/jsx/jsx-runtime';
import { Page } from './layout.tsx';
import { severityOfLevel } from './severities.ts';

const FIRST = ['synopsis', 'description', 'solution', 'plugin_output', 'see_also'];

/** Findings of a plugin on a host, in full. */
export function FindingPage({
  task,
  caller,
  host,
  findings,
}: {
  task: Task;
  caller: Caller;
  host: string;
  findings: readonly Finding[];
}): JSX.Element {
  const [first = {} as Finding] = findings; // there is one, or the page is not rendered
  const { key, word } = severityOfLevel(Number(first.severity));
  return (
    <Page title={cleanText(String(first.plugin_name ?? ''), 200)} caller={caller} here="/scans">
      <p>
        <span class={`chip ${key}`}>{word}</span> on{' '}
        <a href={`/scans/${task.task_id}?host=${encodeURIComponent(host)}`}>{cleanText(host, 100)}</a> in{' '}
        <a href={`/scans/${task.task_id}`}>{task.payload.name || task.task_id}</a>
      </p>
      <p class="notice">The texts below come from the scanned host and the plugin.</p>
      {findings.map((finding) => (
        <Texts finding={finding} />
      ))}
    </Page>
  );
}

function Texts({ finding }: { finding: Finding }): JSX.Element {
  const names = [
    ...FIRST.filter((name) => finding[name] !== undefined),
    ...Object.keys(finding).filter((name) => !FIRST.includes(name)),
  ];
  return (
    <dl class="about finding">
      {names.map((name) => {
        const value = finding[name];
        const text = Array.isArray(value) ? value.join('\n') : String(value ?? '');
        return (
          <div>
            <dt>{name.replaceAll('_', ' ')}</dt>
            <dd>
              <pre>{cleanText(text)}</pre>
            </dd>
          </div>
        );
      })}
    </dl>
  );
}
