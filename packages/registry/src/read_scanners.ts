import { readFile } from 'node:fs/promises';
import { isPoolName, messageOf, NmcpError, type PoolName, scannerTypeOf } from '@nmcp/types';
import * as v from 'valibot';
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument, type Scalar, visit } from 'yaml';
import { expandVariables, VariableError } from './expand_variables.ts';
import {
  type PoolConfigs,
  SCANNER_TYPES,
  type ScannerConfig,
  type ScannerEntry,
  ScannerEntrySchema,
} from './scanner_config.ts';

/** Options of {@linkcode parseScanners}. */
export interface ParseScannersOptions {
  /** Where `${NAME}` is looked up. */
  environment: Readonly<Record<string, string | undefined>>;
  /** Name of the file in errors. @default "scanners.yaml" */
  file?: string;
  /**
   * Told of an entry that cannot be used, and of a setting that there is not; the rest is read without it.
   *
   * @default it is thrown
   */
  onFault?: ((fault: ScannersFault) => void) | undefined;
}

/** What is wrong with one entry of scanners.yaml. */
export interface ScannersFault {
  /** Says what and where, with file and line. */
  error: NmcpError;
  /** The same without file and line, by which it is known again when the file has changed. */
  what: string;
}

/**
 * Reads the text of scanners.yaml: a mapping of pool name to a list of scanners. Of a disabled scanner, variables may be unset;
 * then it is left out.
 *
 * @throws {NmcpError} `invalid_config` naming file, line and field, and what would be right.
 *
 * @example
 * ```ts
 * import { parseScanners } from '@nmcp/registry';
 *
 * const pools = parseScanners(
 *   'nessus:\n  - {instance_id: s1, url: "https://localhost:8834", username: admin, password: "${PW:-x}"}\n',
 *   { environment: {} },
 * );
 * console.assert([...pools.keys()].join() === 'nessus');
 * ```
 */
export function parseScanners(text: string, options: ParseScannersOptions): PoolConfigs {
  return new ScannersFile(text, options).read();
}

/**
 * Reads scanners.yaml from a file.
 *
 * @throws {NmcpError} `invalid_config`, also when there is no such file.
 */
export async function readScanners(
  path: string,
  environment: ParseScannersOptions['environment'],
  onFault?: ParseScannersOptions['onFault'],
): Promise<PoolConfigs> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new NmcpError('invalid_config', `The scanner configuration cannot be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
  return parseScanners(text, { environment, file: path, onFault });
}

type Path = readonly (string | number)[];

/** The text of a scanners.yaml, with what is needed to locate a fault. */
class ScannersFile {
  readonly #file: string;
  readonly #lines = new LineCounter();
  readonly #document: Document;
  readonly #environment: ParseScannersOptions['environment'];
  readonly #onFault: ParseScannersOptions['onFault'];
  /** Texts whose variables cannot be expanded, and why. */
  readonly #unexpanded = new Map<unknown, string>();

  constructor(text: string, { environment, file = 'scanners.yaml', onFault }: ParseScannersOptions) {
    this.#file = file;
    this.#environment = environment;
    this.#onFault = onFault;
    this.#document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false });
  }

  read(): PoolConfigs {
    const [problem] = this.#document.errors;
    if (problem) throw this.#failAt(problem.pos[0], problem.message);
    this.#expand();
    const { contents } = this.#document;
    if (!isMap(contents) || contents.items.length === 0) {
      throw this.#failAt(
        0,
        'expected pools with lists of scanners, such as "nessus:" and below it "- instance_id: scanner1"',
      );
    }
    const content = this.#document.toJS() as Record<string, unknown>; // a map's
    return new Map(
      Object.entries(content).flatMap(([pool, entries]) => {
        const read = this.#tolerate(() => this.#pool(pool, entries));
        return read ? [read] : [];
      }),
    );
  }

  #expand(): void {
    visit(this.#document, {
      Scalar: (_key, node) => {
        if (typeof node.value !== 'string') return;
        try {
          node.value = expandVariables(node.value, this.#environment);
        } catch (error) {
          if (!(error instanceof VariableError)) throw error;
          this.#unexpanded.set(node, error.message);
        }
      },
    });
  }

  #pool(pool: string, entries: unknown): [PoolName, ScannerConfig[]] {
    if (!isPoolName(pool))
      throw this.#fail(
        [pool],
        'is not a valid pool name: expected a letter, then letters, digits, "_" or "-"',
      );
    if (!SCANNER_TYPES.includes(scannerTypeOf(pool)))
      throw this.#fail(
        [pool],
        `has scanners of the type ${scannerTypeOf(pool)}, which is not supported; supported types: ${SCANNER_TYPES.join(', ')}`,
      );
    if (!Array.isArray(entries) || entries.length === 0)
      throw this.#fail([pool], 'expected a list of scanners, each beginning with "- instance_id:"');
    const ids = new Set<string>();
    const scanners = entries.flatMap((entry, index) => {
      const scanner = this.#tolerate(() => this.#scanner(pool, index, entry));
      if (!scanner) return [];
      const isTwin = ids.has(scanner.instance_id);
      ids.add(scanner.instance_id);
      if (!isTwin) return [scanner];
      this.#tolerate(() => {
        throw this.#fail([pool, index, 'instance_id'], `${scanner.instance_id} occurs twice in the pool`);
      });
      return [];
    });
    return [pool, scanners];
  }

  /** @returns undefined for a disabled one whose variables are not set */
  #scanner(pool: PoolName, index: number, entry: unknown): ScannerConfig | undefined {
    const path = [pool, index];
    for (const [node, why] of this.#unexpandedIn(path)) {
      if (isDisabled(entry)) return undefined;
      throw this.#failAt(node.range?.[0], why, path);
    }
    return toConfig(pool, this.#entry(path, entry));
  }

  #unexpandedIn(path: Path): [Scalar, string][] {
    const found: [Scalar, string][] = [];
    const look = (_key: unknown, node: Scalar): void => {
      const why = this.#unexpanded.get(node);
      if (why !== undefined) found.push([node, why]);
    };
    const entry = this.#document.getIn(path, true);
    if (!isNode(entry)) return [];
    visit(entry, {
      Scalar: look,
      Alias: (_key, alias) => {
        const node = alias.resolve(this.#document);
        if (node) visit(node, { Scalar: look });
      },
    });
    return found;
  }

  #entry(path: Path, value: unknown): ScannerEntry {
    const result = v.safeParse(ScannerEntrySchema, value);
    if (result.success) return result.output;
    const [issue] = result.issues;
    const within = (issue.path ?? []).map((item) => item.key as string | number); // of objects and lists
    const isUnknown = issue.expected === 'never';
    const isMissing = issue.received === 'undefined';
    const why = isUnknown ? 'is not a setting of a scanner' : isMissing ? 'is missing' : issue.message;
    const error = this.#fail([...path, ...within], why);
    const [name] = within;
    if (!isUnknown || within.length > 1 || name === undefined) throw error;
    // v3.0 passes over settings that it does not know
    this.#tolerate(() => {
      throw error;
    });
    const { [name]: _, ...others } = value as Record<string, unknown>; // one with a name too many is a map
    return this.#entry(path, others);
  }

  /** Passes over what is wrong with a part, if somebody is there to be told. */
  #tolerate<T>(read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      if (!this.#onFault || !(error instanceof FaultyPart)) throw error;
      this.#onFault({ error, what: error.what });
      return undefined;
    }
  }

  #fail(path: Path, why: string): FaultyPart {
    return this.#failAt(this.#offsetOf(path), `${path.join('.')}: ${why}`);
  }

  /** Where the node of a path begins, or the nearest above it that exists. */
  #offsetOf(path: Path): number | undefined {
    for (let length = path.length; length > 0; length--) {
      const parent = this.#document.getIn(path.slice(0, length - 1), true);
      const key = path[length - 1];
      const pair = isMap(parent)
        ? parent.items.find((item) => isScalar(item.key) && item.key.value === key)
        : undefined;
      const node = pair ? pair.key : this.#document.getIn(path.slice(0, length), true);
      if (isNode(node) && node.range) return node.range[0];
    }
    return undefined;
  }

  #failAt(offset: number | undefined, why: string, path: Path = []): FaultyPart {
    const line = offset === undefined ? '' : `:${this.#lines.linePos(offset).line}`;
    return new FaultyPart(`${this.#file}${line}: ${why}`, [...path, why].join('.'));
  }
}

/** What is wrong with a part of the file. */
class FaultyPart extends NmcpError {
  readonly what: string;

  constructor(message: string, what: string) {
    super('invalid_config', message, { title: 'Invalid configuration' });
    this.what = what;
  }
}

function isDisabled(entry: unknown): boolean {
  const { enabled } = (entry ?? {}) as { enabled?: unknown }; // of whatever was read
  return enabled === false || enabled === 'false';
}

function toConfig(pool: PoolName, entry: ScannerEntry): ScannerConfig {
  const { username = '', password = '', access_key = '', secret_key = '' } = entry;
  return {
    pool,
    scanner_type: scannerTypeOf(pool),
    instance_id: entry.instance_id,
    name: entry.name ?? entry.instance_id,
    url: entry.url,
    auth:
      entry.access_key === undefined
        ? { username, password }
        : { accessKey: access_key, secretKey: secret_key },
    tls: entry.tls,
    enabled: entry.enabled,
    max_concurrent_scans: entry.max_concurrent_scans,
    scan: entry.scan,
    escalation: entry.escalation,
    snmp_v3: entry.snmp_v3,
    limits: entry.limits,
  };
}
