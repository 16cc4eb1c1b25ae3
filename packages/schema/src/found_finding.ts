import { type FieldValue, type Finding, textOf } from './finding.ts';
import type { FindingTemplate } from './finding_template.ts';
import { differsByHost, type HostFacts } from './host_facts.ts';
import { distinguish, identityOf, kindAsRead, nameFinding } from './identity.ts';
import type { NessusEvent } from './nessus_handler.ts';
import { variantOf } from './written_text.ts';

/**
 * A finding as it was met on a host: what it has in common with its likes on other hosts, and what is the host's. The finding itself
 * is put together when it is asked for; most exporters never ask.
 */
export interface FoundFinding {
  readonly type: 'finding';
  /** The same for all that say the same. Its host, its host's fields and its output are those of any of them. */
  readonly like: Finding;
  readonly host: string;
  readonly output: FieldValue | undefined;
  /** Holds the host's fields, and `sources`. */
  readonly facts: Readonly<Record<string, FieldValue | undefined>>;
  readonly finding: Finding;
  /** See {@linkcode identityOf}. */
  readonly identity: string;
}

const NO_FACTS: FoundFinding['facts'] = {};

/** A finding that is like one before, and was not put together. */
export class LikeFinding implements FoundFinding {
  readonly type = 'finding';
  readonly host: string;
  readonly output: string | undefined;
  readonly #template: FindingTemplate;
  readonly #facts: HostFacts | undefined;
  #finding: Finding | undefined;
  #name: string | undefined;

  constructor(
    template: FindingTemplate,
    host: string,
    output: string | undefined,
    facts: HostFacts | undefined,
  ) {
    this.#template = template;
    this.host = host;
    this.output = output;
    this.#facts = facts;
  }

  get like(): Finding {
    return this.#template.like;
  }

  get facts(): FoundFinding['facts'] {
    return this.#facts ?? NO_FACTS;
  }

  get finding(): Finding {
    if (this.#finding === undefined) {
      this.#finding = this.#template.on(this.host, this.output, this.#facts);
      if (this.#name !== undefined) nameFinding(this.#finding, this.#name);
    }
    return this.#finding;
  }

  get identity(): string {
    return this.#name ?? `${this.host}:${kindAsRead(this.like)}`;
  }

  /** Gives it an identity that it shares with no other finding of its host. */
  name(identity: string): void {
    this.#name = identity;
  }
}

/** A finding that is whole. */
export class WholeFinding implements FoundFinding {
  readonly type = 'finding';
  readonly finding: Finding;
  #like: Finding | undefined;

  constructor(finding: Finding) {
    this.finding = finding;
  }

  get like(): Finding {
    this.#like ??= likeOf(this.finding);
    return this.#like;
  }

  get host(): string {
    return this.finding.host;
  }

  get output(): FieldValue | undefined {
    return this.finding.plugin_output;
  }

  get facts(): FoundFinding['facts'] {
    return this.finding;
  }

  get identity(): string {
    return identityOf(this.finding);
  }

  name(identity: string): void {
    nameFinding(this.finding, identity);
  }
}

/** An event's finding as exporters take it. */
export function foundIn(event: Extract<NessusEvent, { type: 'finding' }>): FoundFinding {
  return event instanceof LikeFinding || event instanceof WholeFinding
    ? event
    : new WholeFinding(event.finding);
}

/** Names findings that share everything but their output; those of a host come together. */
export function nameSeveral(found: readonly (LikeFinding | WholeFinding)[]): void {
  const kinds = found.map(({ like }) => kindAsRead(like));
  if (new Set(kinds).size === kinds.length) return;
  const known = found.map(({ host }, index) => `${host}:${kinds[index]}`);
  const names = distinguish(known, (at) => textOf(found[at]?.output));
  for (const [index, name] of names.entries()) if (name !== known[index]) found[index]?.name(name);
}

/** What a finding still says as it was read, but for its host and output; itself where it was changed since. */
function likeOf(finding: Finding): Finding {
  const like = variantOf(finding);
  for (const name in like) if (finding[name] !== like[name] && !differsByHost(name)) return finding;
  return like;
}
