/** Fields whose texts are words of the product, and say nothing of who runs it. */
const KEPT =
  /^(?:status|type|code|error|message|nessus_type|feed|format|formats|kind|mode|level|platform|distro|progress|severity|family|plugin_name|plugin_family|pluginname|pluginfamily|timezone|rrules|template_uuid|feature|unsupported|loaded_plugin_set|plugin_set|.*_version|version|.*_build|scan_type|visibility|permissions|category|engine_status|feed_status|db_status|login_status)$/i;
/** Lists whose entries are the product's own. */
const PRODUCTS_OWN = /^(?:templates|formats|families|filters|timezones|operators)$/;

const ADDRESS = /(?<!\d)(?:\d{1,3}\.){3}\d{1,3}(?!\d)/g;
/** What a sentence of the product quotes can be a name. */
const QUOTED = /"[^"]*"|'[^']*'/g;
const UUID = /^[0-9a-f]{8}-[0-9a-f-]{20,}$/i;
/** Numbers and times: nobody's name. A number of a telephone is longer. */
const HARMLESS = /^(?:\d{1,10}|\d{8}T\d{6}|[\d-]{10}T[\d:.]{5,12}Z?)$/;
/** Entries of a list that are kept: the others say nothing new. */
const KEPT_ENTRIES = 3;

/**
 * Replaces what could tell of a network, of people or of secrets, each by the same placeholder wherever it stands, so that what
 * belongs together still does. Numbers, flags, and the product's own words stay.
 */
export class Anonymizer {
  readonly #placeholders = new Map<string, string>();
  readonly #keptId: number | string | undefined;

  /** @param keptId an entry of this `id` stays in a list, however long that is */
  constructor(keptId?: number | string) {
    this.#keptId = keptId;
  }

  /** A parsed answer. Long lists are cut. */
  json(value: unknown, key = '', isProductsOwn = false): unknown {
    if (typeof value === 'string')
      return isProductsOwn || KEPT.test(key) ? this.#sentence(value) : this.text(value);
    if (Array.isArray(value))
      return value
        .filter((entry, i) => PRODUCTS_OWN.test(key) || i < KEPT_ENTRIES || this.#isKept(entry))
        .map((entry) => this.json(entry, key, isProductsOwn || PRODUCTS_OWN.test(key)));
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, field]) => [
        this.#withoutAddresses(name),
        this.json(field, name, isProductsOwn || PRODUCTS_OWN.test(name)),
      ]),
    );
  }

  /** The head of a .nessus document: names of elements and attributes stay, and what a plugin is. */
  xml(text: string): string {
    return text
      .replace(/>([^<]*)(?=<|$)/g, (_, content: string) => `>${this.text(content)}`)
      .replace(
        /(<(?:Report|ReportHost|attachment)\s[^>]*?name=")([^"]*)/g,
        (_, head, name) => head + this.text(name),
      )
      .replace(ADDRESS, (address) => this.#address(address));
  }

  /** A path; a token in it is replaced as where it was answered. */
  path(path: string): string {
    return path.replace(/^(\/tokens\/)([^/]+)/, (_, head: string, token: string) => head + this.text(token));
  }

  /** A text of somebody's. */
  text(value: string): string {
    if (value.trim() === '') return value;
    if (UUID.test(value)) return this.#placeholder(value, uuid);
    if (/^(?:\d{1,3}\.){3}\d{1,3}$/.test(value)) return this.#address(value);
    return HARMLESS.test(value) ? value : this.#placeholder(value, (number) => `text-${number}`);
  }

  #isKept(entry: unknown): boolean {
    return entry !== null && typeof entry === 'object' && 'id' in entry && entry.id === this.#keptId;
  }

  #sentence(text: string): string {
    return this.#withoutAddresses(text).replace(QUOTED, (quoted) => this.text(quoted));
  }

  #withoutAddresses(text: string): string {
    return text.replace(ADDRESS, (address) => this.#address(address));
  }

  #address(address: string): string {
    return this.#placeholder(address, (number) => `192.0.2.${number % 256}`);
  }

  #placeholder(value: string, make: (number: number) => string): string {
    const known = this.#placeholders.get(value) ?? make(this.#placeholders.size + 1);
    this.#placeholders.set(value, known);
    return known;
  }
}

function uuid(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
}
