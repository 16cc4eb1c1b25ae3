import type { Finding, Host } from './finding.ts';
import { FindingBuilder } from './finding_builder.ts';
import { type CachedMatch, ReportItemCache } from './report_item_cache.ts';
import { readSimpleItem, simpleItemAt } from './simple_item.ts';
import { wrongRoot } from './wrong_kind.ts';
import { LINE_END } from './xml/characters.ts';
import { decodeText, EntityError } from './xml/entities.ts';
import { ownText } from './xml/own_text.ts';
import { MORE_TEXT, type XmlHandler } from './xml/xml_handler.ts';

/** A part of a .nessus document that is no finding. */
export type NessusPart = Exclude<NessusEvent, { readonly type: 'finding' }>;

/**
 * Takes the parts of a document in their order. A finding comes in one of two ways: by {@linkcode finding}, or, when all
 * of its text but the plugin's output was seen before, by {@linkcode known} with what {@linkcode prepare} made of it then.
 */
export interface NessusSink<T> {
  part(part: NessusPart): void;
  /** One of {@linkcode SCAN_SETTINGS}, as the policy in the document has it. */
  setting?(name: string, value: string): void;
  finding(finding: Finding): void;
  /** Makes of a finding what makes its like cheap; its host and its plugin_output will be others. */
  prepare(finding: Finding): T;
  known(prepared: T, host: string, output: string | undefined): void;
}

/** A part of a .nessus document, in the document's order. */
export type NessusEvent =
  | { readonly type: 'policy'; readonly name: string }
  | { readonly type: 'report'; readonly name: string }
  /** A host with its properties, before its findings. */
  | { readonly type: 'host'; readonly host: Host }
  | { readonly type: 'finding'; readonly finding: Finding };

/** Settings of a scan that say what it could see: the plugins that it ran, and the ports that it looked at. */
export const SCAN_SETTINGS: readonly string[] = ['plugin_set', 'port_range'];

/** The root element of every .nessus document of version 2. */
const ROOT = 'NessusClientData_v2';

/** Thrown for a document that is XML but no .nessus document; the reader adds where. */
export class NotNessusError extends Error {}

/** Turns the elements of a .nessus document into its parts. */
export class NessusHandler<T> implements XmlHandler {
  readonly #sink: NessusSink<T>;
  readonly #cache = new ReportItemCache<T>();
  readonly #takesItems: boolean;
  #takenLines = 0;
  #depth = 0;
  /** Depth and name of the element whose text is being collected. */
  #collecting:
    | { depth: number; tag: string; attributes?: ReadonlyMap<string, string> | undefined }
    | undefined;
  #text = '';
  #host: { name: string; properties: Record<string, string>; announced: boolean } | undefined;
  #inProperties = false;
  /** Name of the preference that is being read. */
  #preference = '';
  #finding: FindingBuilder | undefined;
  /** Names of the open elements that are neither hosts, findings nor their fields. */
  #path: string[] = [];

  /** @param takesItems whether items may be taken whole; limits of the caller's are looked at only in reading by parts */
  constructor(sink: NessusSink<T>, takesItems = true) {
    this.#sink = sink;
    this.#takesItems = takesItems;
  }

  get takenLines(): number {
    return this.#takenLines;
  }

  /** Takes a ReportItem whose like was read before. */
  take(text: string, index: number): number {
    if (!this.#takesItems || !this.#host || this.#finding || this.#collecting || this.#inProperties)
      return -1;
    if (!text.startsWith('<ReportItem', index)) return -1;
    const match = this.#cache.match(text, index) ?? this.#parseAndCache(text, index);
    if (!match) return -1;
    if (match === 'more') return MORE_TEXT;
    const output = decodeOrNone(match.output);
    if (output === BAD_REFERENCE) return -1; // reading it by its parts says where
    this.#announceHost();
    this.#sink.known(match.prepared, this.#host.name, output);
    const isLineEnd = text.charCodeAt(match.end) === LINE_END; // the next item mostly begins behind one
    this.#takenLines = match.lines + (isLineEnd ? 1 : 0);
    return match.end + (isLineEnd ? 1 : 0);
  }

  /** Parses an item at once and caches it, if it is simple; `more` when its end has not come. */
  #parseAndCache(text: string, index: number): CachedMatch<T> | 'more' | undefined {
    const item = this.#cache.isFull ? undefined : simpleItemAt(text, index);
    if (item === undefined || item === 'more') return item;
    const finding = readSimpleItem(item, this.#host?.name ?? '');
    return finding && this.#cache.add(item, this.#sink.prepare(finding), index);
  }

  open(name: string, attributes: ReadonlyMap<string, string> | undefined): void {
    this.#depth++;
    if (this.#collecting) return; // an element within a field: its text belongs to the field
    if (this.#finding) this.#collect(name, attributes);
    else if (this.#host) this.#openInHost(name, attributes);
    else this.#openOutside(name, attributes);
  }

  text(value: string): void {
    if (this.#collecting) this.#text += value;
  }

  close(name: string): void {
    this.#depth--;
    if (this.#collecting) {
      if (this.#collecting.depth === this.#depth) this.#endCollecting(this.#collecting);
      return;
    }
    if (name === 'ReportItem') this.#closeFinding();
    else if (name === 'HostProperties') this.#closeProperties();
    else if (name === 'ReportHost') this.#closeHost();
    else this.#path.pop();
  }

  #collect(tag: string, attributes?: ReadonlyMap<string, string>): void {
    this.#collecting = { depth: this.#depth - 1, tag, attributes };
    this.#text = '';
  }

  #openOutside(name: string, attributes: ReadonlyMap<string, string> | undefined): void {
    if (this.#path.length === 0 && name !== ROOT) {
      throw new NotNessusError(wrongRoot(name, ROOT));
    }
    const parent = this.#path.at(-1);
    if (name === 'ReportHost') {
      this.#host = { name: ownText(attributes?.get('name') ?? ''), properties: {}, announced: false };
      return;
    }
    if (name === 'policyName' && parent === 'Policy') {
      this.#collect(name);
      return;
    }
    if (parent === 'preference' && this.#path.at(-2) === 'ServerPreferences') {
      const isWanted = name === 'name' || (name === 'value' && SCAN_SETTINGS.includes(this.#preference));
      if (isWanted && this.#sink.setting) {
        this.#collect(name);
        return;
      }
    }
    if (name === 'Report') this.#sink.part({ type: 'report', name: attributes?.get('name') ?? '' });
    this.#path.push(name);
  }

  #openInHost(name: string, attributes: ReadonlyMap<string, string> | undefined): void {
    if (name === 'ReportItem') {
      this.#announceHost();
      this.#finding = new FindingBuilder(this.#host?.name ?? '', attributes);
    } else if (name === 'HostProperties') this.#inProperties = true;
    else this.#collect(this.#inProperties ? (attributes?.get('name') ?? '') : '');
  }

  #endCollecting({
    tag,
    attributes,
  }: {
    tag: string;
    attributes?: ReadonlyMap<string, string> | undefined;
  }): void {
    this.#collecting = undefined;
    const text = this.#text;
    this.#text = '';
    if (this.#finding) this.#finding.add(tag, text, attributes);
    else if (this.#host) {
      if (tag !== '') this.#host.properties[ownText(tag)] = ownText(text); // hosts are kept, and there are many
    } else if (tag === 'name') this.#preference = text.trim();
    else if (tag === 'value') this.#sink.setting?.(this.#preference, text);
    else this.#sink.part({ type: 'policy', name: text });
  }

  #closeFinding(): void {
    const finding = this.#finding?.finish();
    this.#finding = undefined;
    if (finding) this.#sink.finding(finding);
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
    this.#sink.part({ type: 'host', host: { name: this.#host.name, properties: this.#host.properties } });
  }
}

const BAD_REFERENCE = Symbol('bad reference');

function decodeOrNone(raw: string | undefined): string | undefined | typeof BAD_REFERENCE {
  try {
    return raw === undefined ? undefined : decodeText(raw);
  } catch (error) {
    if (error instanceof EntityError) return BAD_REFERENCE;
    throw error;
  }
}
