import type { Caller } from '@nmcp/access';
import { cleanText, FIELDS, type Finding } from '@nmcp/schema';
import type { Task } from '@nmcp/types';
import type { Child } from 'hono/jsx';
import type { JSX } from 'hono/jsx/jsx-runtime';
import { portOf } from './findings_table.tsx';
import { cut, Page, ScanLink } from './layout.tsx';
import { Chip } from './severities.tsx';

/** Findings of a plugin on a host, in words. */
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
  return (
    <Page title={cut(textOf(first, 'plugin_name'), 200)} caller={caller} here="/scans">
      <p>
        <Chip level={Number(first.severity)} />{' '}
        {has(first, 'cisa-known-exploited') ? <span class="mark">Exploited</span> : null} on{' '}
        <a href={`/scans/${task.task_id}?host=${encodeURIComponent(host)}#findings`}>{cut(host, 100)}</a> in{' '}
        <ScanLink task={task} />, plugin {cut(textOf(first, 'plugin_id'), 20)}
      </p>
      <p class="notice">The texts below come from the scanned host and the plugin.</p>
      {findings.map((finding) => (
        <Texts finding={finding} isOneOf={findings.length} />
      ))}
    </Page>
  );
}

/** Fields that a section or the page's head shows; the others are details. */
const SHOWN: ReadonlySet<string> = new Set([
  ...['type', 'host', 'plugin_id', 'plugin_name', 'severity', 'port', 'protocol', 'svc_name'],
  ...['synopsis', 'description', 'solution', 'plugin_output', 'see_also', 'cve', 'xref'],
  ...['cvss_score', 'vpr_score', 'epss_score', 'exploit_available', 'cisa-known-exploited'],
]);

function Texts({ finding, isOneOf }: { finding: Finding; isOneOf: number }): JSX.Element {
  const where = `${portOf({ port: textOf(finding, 'port'), protocol: textOf(finding, 'protocol') })} ${textOf(finding, 'svc_name')}`;
  const details = Object.keys(finding).filter((name) => !SHOWN.has(name));
  return (
    <article class="finding">
      {isOneOf > 1 ? <h2>On {cut(where, 60)}</h2> : null}
      <Facts finding={finding} where={where} />
      <Section title="What is wrong">
        {has(finding, 'synopsis') ? <p class="lead">{cleanText(textOf(finding, 'synopsis'))}</p> : null}
        <Paragraphs text={textOf(finding, 'description')} />
      </Section>
      <Section title="Solution">
        <Paragraphs text={textOf(finding, 'solution')} />
      </Section>
      {has(finding, 'plugin_output') ? (
        <Section title="What the scanner saw">
          <pre>{cleanText(textOf(finding, 'plugin_output'))}</pre>
        </Section>
      ) : null}
      <References finding={finding} />
      {details.length > 0 ? (
        <details>
          <summary>{details.length} more facts</summary>
          <dl class="about">
            {details.map((name) => (
              <div>
                <dt>{labelOf(name)}</dt>
                <dd>{cleanText(textOf(finding, name))}</dd>
              </div>
            ))}
          </dl>
        </details>
      ) : null}
    </article>
  );
}

function Facts({ finding, where }: { finding: Finding; where: string }): JSX.Element {
  const facts: [string, string][] = [
    ['Port', where],
    ['CVSS', textOf(finding, 'cvss_score')],
    ["Tenable's priority (VPR)", textOf(finding, 'vpr_score')],
    ['Chance of exploitation in 30 days (EPSS)', percent(textOf(finding, 'epss_score'))],
    [
      'Exploit',
      finding.exploit_available === true ? 'known' : finding.exploit_available === false ? 'none known' : '',
    ],
    [
      'In CISA’s catalogue of exploited vulnerabilities, due',
      textOf(finding, 'cisa-known-exploited').replaceAll('/', '-'),
    ],
  ];
  return (
    <dl class="about">
      {facts
        .filter(([, value]) => value.trim() !== '')
        .map(([word, value]) => (
          <div>
            <dt>{word}</dt>
            <dd>{cleanText(value, 200)}</dd>
          </div>
        ))}
    </dl>
  );
}

function percent(score: string): string {
  const value = Number(score);
  return score === '' || !Number.isFinite(value) ? '' : `${(100 * value).toFixed(value < 0.1 ? 1 : 0)} %`;
}

function References({ finding }: { finding: Finding }): JSX.Element | null {
  const listed = [...valuesOf(finding, 'cve'), ...valuesOf(finding, 'xref')];
  const links = valuesOf(finding, 'see_also').flatMap((text) => text.split(/\s+/).filter(Boolean));
  if (listed.length + links.length === 0) return null;
  return (
    <Section title="References">
      {listed.length > 0 ? <p>{cleanText(listed.join(', '))}</p> : null}
      {links.length > 0 ? (
        <ul>
          {links.map((link) => (
            <li>{cleanText(link, 300)}</li>
          ))}
        </ul>
      ) : null}
    </Section>
  );
}

function Section({ title, children }: { title: string; children: Child }): JSX.Element {
  return (
    <section>
      <h3>{title}</h3>
      {children}
    </section>
  );
}

/** A plugin's text set as text: its lines are joined where they were only wrapped, lists and paragraphs stay. */
function Paragraphs({ text }: { text: string }): JSX.Element {
  if (text.trim() === '') return <p class="empty">The plugin does not say.</p>;
  return (
    <>
      {cleanText(text)
        .split(/\n[ \t]*\n/)
        .map((paragraph) => (
          <p class="prose">{paragraph.replaceAll(/\n(?!\s*(?:[-*•]|\d+[.)])\s)[ \t]*/g, ' ').trim()}</p>
        ))}
    </>
  );
}

/** What a field is called: what the catalogue says of it, else its name in words. */
function labelOf(name: string): string {
  const meaning = FIELDS.find((field) => field.name === name)?.meaning ?? '';
  const short = meaning.split(/[,;:]/, 1)[0] ?? '';
  const words = short !== '' && short.length <= 60 ? short : cleanText(name.replaceAll(/[_-]/g, ' '), 60);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function has(finding: Finding, name: string): boolean {
  return textOf(finding, name).trim() !== '';
}

function textOf(finding: Finding, name: string): string {
  return valuesOf(finding, name).join('\n');
}

function valuesOf(finding: Finding, name: string): string[] {
  const value = finding[name];
  if (value === undefined || value === null) return [];
  return [value]
    .flat()
    .map((each) => (typeof each === 'boolean' ? (each ? 'yes' : 'no') : String(each ?? '')));
}
