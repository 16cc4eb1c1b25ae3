import { addAgain, addField, bestScore, type Finding } from './finding.ts';
import { HOST_FIELDS } from './host_facts.ts';

/** Attributes of a ReportItem that v3.0 renamed. */
const RENAMED: Readonly<Record<string, string>> = {
  pluginID: 'plugin_id',
  pluginName: 'plugin_name',
  pluginFamily: 'plugin_family',
};

/** Names of the host's fields, which no element of a ReportItem takes. */
const OF_HOST: ReadonlyMap<string, string> = new Map(HOST_FIELDS.map((field) => [field, `item_${field}`]));

/** Makes a finding of a ReportItem's attributes and child elements. */
export class FindingBuilder {
  readonly finding: Finding;
  readonly #tags = new Set<string>();

  constructor(host: string, attributes: ReadonlyMap<string, string> | undefined) {
    this.finding = {
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
      if (!(name in this.finding) && !(name in RENAMED)) this.finding[OF_HOST.get(name) ?? name] = value;
    }
  }

  /** Adds a child element. */
  add(element: string, text: string): void {
    const tag = OF_HOST.get(element) ?? element;
    if (this.#tags.has(tag)) addAgain(this.finding, tag, text);
    else {
      this.#tags.add(tag);
      addField(this.finding, tag, text);
    }
  }

  /** The finding, when all its children are added. */
  finish(): Finding {
    if (!this.#tags.has('cvss_score')) {
      const best = bestScore(this.finding);
      if (best !== undefined) this.finding.cvss_score = best;
    }
    return this.finding;
  }
}
