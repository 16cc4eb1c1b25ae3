import { completeCheck } from './compliance.ts';
import { addAgain, addField, bestScore, type Finding } from './finding.ts';
import { HOST_FIELDS } from './host_facts.ts';
import { noteWritten } from './written_text.ts';

/** Attributes of a ReportItem that v3.0 renamed. */
const RENAMED: Readonly<Record<string, string>> = {
  pluginID: 'plugin_id',
  pluginName: 'plugin_name',
  pluginFamily: 'plugin_family',
};

/** Names of the host's fields, which no element of a ReportItem takes. */
const OF_HOST: ReadonlyMap<string, string> = new Map(HOST_FIELDS.map((field) => [field, `item_${field}`]));

/** Stands for a field that every finding has, which is no element's. */
const USUAL = '';
/** Elements that do not simply become a field of their name, and which field they become. */
const SPECIAL: ReadonlyMap<string, string> = new Map([
  ...OF_HOST,
  ...'type host plugin_id plugin_name plugin_family severity port svc_name protocol'
    .split(' ')
    .map((field): [string, string] => [field, USUAL]),
]);

/** Makes a finding of a ReportItem's attributes and child elements. */
export class FindingBuilder {
  readonly finding: Finding;
  readonly #tags = new Set<string>();
  /** Attributes beside those that every ReportItem has. */
  #others: Set<string> | undefined;

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
      if (name in this.finding || name in RENAMED) continue;
      const field = OF_HOST.get(name) ?? name;
      this.finding[field] = value;
      this.#others ??= new Set();
      this.#others.add(field);
    }
  }

  /** Adds a child element; of an attachment its name and type, too, which are attributes. */
  add(element: string, text: string, attributes?: ReadonlyMap<string, string>): void {
    this.#addField(element, text);
    if (element !== 'attachment') return;
    for (const name of ['name', 'type']) this.#addField(`attachment_${name}`, attributes?.get(name) ?? '');
  }

  #addField(element: string, text: string): void {
    const tag = this.#tagOf(element, text);
    if (tag === undefined) return;
    const before = this.#tags.size;
    this.#tags.add(tag);
    if (this.#tags.size === before) addAgain(this.finding, tag, text);
    else addField(this.finding, tag, text);
    if (typeof this.finding[tag] === 'number') noteWritten(this.finding, tag, text);
  }

  /** The field of an element: one that is called like an attribute or a field of the host does not take its place. */
  #tagOf(element: string, text: string): string | undefined {
    const special = SPECIAL.get(element);
    if (special !== undefined && special !== USUAL) return special;
    if (special === undefined && !this.#others?.has(element)) return element;
    const value = this.finding[element];
    if (value === null) return element; // the attribute is absent
    return value === text.trim() ? undefined : `item_${element}`;
  }

  /** The finding, when all its children are added. */
  finish(): Finding {
    if (!this.#tags.has('cvss_score')) {
      const best = bestScore(this.finding);
      if (best !== undefined) this.finding.cvss_score = best;
    }
    completeCheck(this.finding);
    return this.finding;
  }
}
