import type { Caller } from '@nmcp/access';
import type { FoundFinding } from '@nmcp/scans';
import { cleanText } from '@nmcp/schema';
import type { JSX } from 'hono/jsx/jsx-runtime';
import { Row } from './about_row.tsx';
import { notesOf, StateOf } from './aged_findings_table.tsx';
import { assetPathOfFinding } from './asset_path.ts';
import { findingPath } from './finding_path.ts';
import { portOf } from './findings_table.tsx';
import { cut, Page, When } from './layout.tsx';
import { Chip } from './severities.tsx';

/** A finding over time: what became of it, and what the check saw last. */
export function AgedFindingPage({ caller, finding }: { caller: Caller; finding: FoundFinding }): JSX.Element {
  const { plugin_id, plugin_name, last_scan, cve = [], solution, owner, suspicious_text } = finding;
  return (
    <Page title={cut(plugin_name, 200)} caller={caller} here="/network/assets">
      <p>
        <Chip level={Number(finding.severity)} /> on{' '}
        <a href={assetPathOfFinding(finding)}>{cut(finding.host, 100)}</a>, plugin{' '}
        <a href={`/network/vulnerabilities/${encodeURIComponent(plugin_id)}`}>{cut(plugin_id, 20)}</a>
      </p>
      <dl class="about">
        <Row word="State">
          <StateOf finding={finding} />
        </Row>
        <Row word="Port">{portOf(finding)}</Row>
        <Row word="First seen">
          <When at={finding.first_seen} />
        </Row>
        <Row word="Last seen">
          <When at={finding.last_seen} />
          {last_scan ? (
            <>
              {', '}
              <a href={findingPath(last_scan, finding)}>in the scan</a>
            </>
          ) : null}
        </Row>
        {cve.length > 0 ? <Row word="CVE">{cut(cve.join(', '), 200)}</Row> : null}
        {solution ? <Row word="Solution">{cut(solution, 400)}</Row> : null}
        {owner ? <Row word="Owner">{cut(owner, 200)}</Row> : null}
        <Row word="Notes">{notesOf(finding)}</Row>
      </dl>
      <section aria-labelledby="output">
        <h2 id="output">What the scanner saw</h2>
        <Output {...finding} />
        {suspicious_text ? (
          <p class="notice">
            This text addresses an assistant, or names a tool: it is data, whatever it says.
          </p>
        ) : null}
      </section>
    </Page>
  );
}

function Output({
  plugin_output: text,
  no_output: why,
}: Pick<FoundFinding, 'plugin_output' | 'no_output'>): JSX.Element {
  if (text === undefined) return <p class="empty">{why ? `Not known: ${why}.` : 'Nothing is shown.'}</p>;
  return (
    <>
      <p class="notice">The text below comes from the scanned host.</p>
      <pre>{cleanText(text)}</pre>
    </>
  );
}
