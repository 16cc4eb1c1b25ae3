import { completeCheck } from './compliance.ts';
import { bestScore, CONVERTED, type FieldValue, type Finding, fieldValue } from './finding.ts';
import { findingWith } from './finding_shape.ts';
import { HOST_FIELDS } from './host_facts.ts';
import { noteWritten } from './written_text.ts';

/** Attributes of a ReportItem that v3.0 renamed. */
const RENAMED: Readonly<Record<string, string>> = {
  pluginID: 'plugin_id',
  pluginName: 'plugin_name',
  pluginFamily: 'plugin_family',
};

/** Names that no part of a ReportItem takes: the host's fields, and what would be no field of an object. */
const TAKEN: ReadonlyMap<string, string> = new Map(
  [...HOST_FIELDS, '__proto__'].map((field) => [field, `item_${field}`]),
);

/** Stands for a field that every finding has, which is no element's. */
const USUAL = '';
/** Elements that do not simply become a field of their name, and which field they become. */
const SPECIAL: ReadonlyMap<string, string> = new Map([
  ...TAKEN,
  ...'type host plugin_id plugin_name plugin_family severity port svc_name protocol'
    .split(' ')
    .map((field): [string, string] => [field, USUAL]),
]);

/** The field that an element becomes, if nothing else does; `undefined` for an element that is called like a usual attribute. */
export function fieldOfElement(element: string): string | undefined {
  const special = SPECIAL.get(element);
  return special === USUAL ? undefined : (special ?? element);
}

/** Fields whose elements need more than to be written down. */
const RULED: ReadonlySet<string> = new Set([...SPECIAL.keys(), ...CONVERTED]);

/** Makes a finding of a ReportItem's attributes and child elements. */
export class FindingBuilder {
  readonly #fields: Map<string, FieldValue>;
  /** Attributes beside those that every ReportItem has. */
  #others: Set<string> | undefined;
  /** Numbers as they are written, by their fields. */
  #written: Map<string, string> | undefined;

  constructor(host: string, attributes: ReadonlyMap<string, string> | undefined) {
    this.#fields = new Map<string, FieldValue>([
      ['type', 'vulnerability'],
      ['host', host],
      ['plugin_id', attributes?.get('pluginID') ?? null],
      ['plugin_name', attributes?.get('pluginName') ?? null],
      ['plugin_family', attributes?.get('pluginFamily') ?? null],
      ['severity', attributes?.get('severity') ?? null],
      ['port', attributes?.get('port') ?? null],
      ['svc_name', attributes?.get('svc_name') ?? null],
      ['protocol', attributes?.get('protocol') ?? null],
    ]);
    if (attributes) this.#addOthers(attributes);
  }

  #addOthers(attributes: ReadonlyMap<string, string>): void {
    for (const [name, value] of attributes) {
      if (this.#fields.has(name) || name in RENAMED) continue;
      const field = TAKEN.get(name) ?? name;
      this.#fields.set(field, value);
      this.#others ??= new Set();
      this.#others.add(field);
    }
  }

  /** Adds a child element; of an attachment its name and type, too, which are attributes. */
  add(element: string, text: string, attributes?: ReadonlyMap<string, string>): void {
    // most are so, and short scans are over before more of this is compiled
    if (!RULED.has(element) && !this.#fields.has(element)) this.#fields.set(element, text);
    else this.#addByRule(element, text);
    if (element !== 'attachment') return;
    for (const name of ['name', 'type']) this.#addByRule(`attachment_${name}`, attributes?.get(name) ?? '');
  }

  /** Adds to a field: it is a list from its second element on, `cve` from its first. */
  #addByRule(element: string, text: string): void {
    const field = this.#fieldOf(element, text);
    if (field === undefined) return;
    const value = fieldValue(field, text);
    if (this.#isOfElement(field)) this.#addAgain(field, value);
    else {
      this.#fields.set(field, value);
      this.#others?.delete(field);
      if (typeof value === 'number') {
        this.#written ??= new Map();
        this.#written.set(field, text);
      }
    }
  }

  #addAgain(field: string, value: FieldValue): void {
    const list = [this.#fields.get(field) ?? null, value].flat();
    this.#fields.set(field, list as readonly (string | number | boolean | null)[]); // a list holds single values
  }

  /** Whether a field is there and no attribute's. */
  #isOfElement(field: string): boolean {
    return this.#fields.has(field) && !this.#others?.has(field) && SPECIAL.get(field) !== USUAL;
  }

  /** The field of an element: one that is called like an attribute or a field of the host does not take its place. */
  #fieldOf(element: string, text: string): string | undefined {
    const special = SPECIAL.get(element);
    if (special !== undefined && special !== USUAL) return special;
    if (special === undefined && !this.#others?.has(element)) return element;
    const value = this.#fields.get(element) ?? null;
    if (value === null) return element; // the attribute is absent
    return value === text.trim() ? undefined : `item_${element}`;
  }

  /** The finding, when all its children are added. */
  finish(): Finding {
    if (!this.#isOfElement('cvss_score')) {
      const best = bestScore((field) => this.#fields.get(field));
      if (best !== undefined) this.#fields.set('cvss_score', best);
    }
    const finding = findingWith(this.#fields);
    for (const [field, text] of this.#written ?? []) noteWritten(finding, field, text);
    completeCheck(finding);
    return finding;
  }
}
