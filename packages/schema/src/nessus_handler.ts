import { addAgain, addField, bestScore, type Finding, type Host } from './finding.ts';
import type { XmlHandler } from './xml/tokenizer.ts';

/** A part of a .nessus document, in the document's order. */
export type NessusEvent =
  | { readonly type: 'policy'; readonly name: string }
  | { readonly type: 'report'; readonly name: string }
  /** A host with its properties, before its findings. */
  | { readonly type: 'host'; readonly host: Host }
  | { readonly type: 'finding'; readonly finding: Finding };

/** The root element of every .nessus document of version 2. */
const ROOT = 'NessusClientData_v2';

/** Thrown for a document that is XML but no .nessus document; the reader adds where. */
export class NotNessusError extends Error {}

/** Attributes of a ReportItem that v3.0 renamed. */
const RENAMED: Readonly<Record<string, string>> = {
  pluginID: 'plugin_id',
  pluginName: 'plugin_name',
  pluginFamily: 'plugin_family',
};

/** Turns the elements of a .nessus document into events, which the reader takes with {@linkcode take}. */
export class NessusHandler implements XmlHandler {
  #events: NessusEvent[] = [];
  #depth = 0;
  /** Depth and name of the element whose text is being collected. */
  #collecting: { depth: number; tag: string } | undefined;
  #text = '';
  #host: { name: string; properties: Record<string, string>; announced: boolean } | undefined;
  #inProperties = false;
  #finding: Finding | undefined;
  #tags = new Set<string>();
  /** Names of the open elements that are neither hosts, findings nor their fields. */
  #path: string[] = [];

  /** The events since the last call. */
  take(): NessusEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  open(name: string, attributes: ReadonlyMap<string, string> | undefined): void {
    this.#depth++;
    if (this.#collecting) return; // an element within a field: its text belongs to the field
    if (this.#finding) this.#collect(name);
    else if (this.#host) this.#openInHost(name, attributes);
    else this.#openOutside(name, attributes);
  }

  text(value: string): void {
    if (this.#collecting) this.#text += value;
  }

  close(name: string): void {
    this.#depth--;
    if (this.#collecting) {
      if (this.#collecting.depth === this.#depth) this.#endCollecting(this.#collecting.tag);
      return;
    }
    if (name === 'ReportItem') this.#closeFinding();
    else if (name === 'HostProperties') this.#closeProperties();
    else if (name === 'ReportHost') this.#closeHost();
    else this.#path.pop();
  }

  #collect(tag: string): void {
    this.#collecting = { depth: this.#depth - 1, tag };
    this.#text = '';
  }

  #openOutside(name: string, attributes: ReadonlyMap<string, string> | undefined): void {
    if (this.#path.length === 0 && name !== ROOT) {
      throw new NotNessusError(`Not a .nessus document: the root element is <${name}>, expected <${ROOT}>`);
    }
    const parent = this.#path.at(-1);
    if (name === 'ReportHost') {
      this.#host = { name: attributes?.get('name') ?? '', properties: {}, announced: false };
      return;
    }
    if (name === 'policyName' && parent === 'Policy') {
      this.#collect(name);
      return;
    }
    if (name === 'Report') this.#events.push({ type: 'report', name: attributes?.get('name') ?? '' });
    this.#path.push(name);
  }

  #openInHost(name: string, attributes: ReadonlyMap<string, string> | undefined): void {
    if (name === 'ReportItem') {
      this.#announceHost();
      this.#finding = startFinding(this.#host?.name ?? '', attributes);
      this.#tags.clear();
    } else if (name === 'HostProperties') this.#inProperties = true;
    else this.#collect(this.#inProperties ? (attributes?.get('name') ?? '') : '');
  }

  #endCollecting(tag: string): void {
    this.#collecting = undefined;
    const text = this.#text;
    this.#text = '';
    if (this.#finding) this.#addChild(this.#finding, tag, text);
    else if (this.#host) {
      if (tag !== '') this.#host.properties[tag] = text;
    } else this.#events.push({ type: 'policy', name: text });
  }

  #addChild(finding: Finding, tag: string, text: string): void {
    if (this.#tags.has(tag)) addAgain(finding, tag, text);
    else {
      this.#tags.add(tag);
      addField(finding, tag, text);
    }
  }

  #closeFinding(): void {
    const finding = this.#finding;
    if (!finding) return;
    if (!this.#tags.has('cvss_score')) {
      const best = bestScore(finding);
      if (best !== undefined) finding.cvss_score = best;
    }
    this.#finding = undefined;
    this.#events.push({ type: 'finding', finding });
  }

  #closeProperties(): void {
    this.#inProperties = false;
    this.#announceHost();
  }

  #closeHost(): void {
    this.#announceHost();
    this.#host = undefined;
  }

  /** A host is told once: after its properties, or before its first finding when it has none. */
  #announceHost(): void {
    if (!this.#host || this.#host.announced) return;
    this.#host.announced = true;
    this.#events.push({ type: 'host', host: { name: this.#host.name, properties: this.#host.properties } });
  }
}

function startFinding(host: string, attributes: ReadonlyMap<string, string> | undefined): Finding {
  const finding: Finding = {
    type: 'vulnerability',
    host,
    plugin_id: attributes?.get('pluginID') ?? null,
    plugin_name: attributes?.get('pluginName') ?? null,
    plugin_family: attributes?.get('pluginFamily') ?? null,
    severity: attributes?.get('severity') ?? null,
    port: attributes?.get('port') ?? null,
    svc_name: attributes?.get('svc_name') ?? null,
    protocol: attributes?.get('protocol') ?? null,
  };
  for (const [name, value] of attributes ?? []) {
    if (!(name in finding) && !(name in RENAMED)) finding[name] = value;
  }
  return finding;
}
