import { readFile } from 'node:fs/promises';
import { isPoolName, messageOf, NmcpError, type PoolName, scannerTypeOf } from '@nmcp/types';
import * as v from 'valibot';
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import { expandVariables, VariableError } from './expand_variables.ts';
import {
  type PoolConfigs,
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
}

/**
 * Reads the text of scanners.yaml: a mapping of pool name to a list of scanners.
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
): Promise<PoolConfigs> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new NmcpError('invalid_config', `The scanner configuration cannot be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
  return parseScanners(text, { environment, file: path });
}

type Path = readonly (string | number)[];

/** The text of a scanners.yaml, with what is needed to locate a fault. */
class ScannersFile {
  readonly #file: string;
  readonly #lines = new LineCounter();
  readonly #document: Document;
  readonly #environment: ParseScannersOptions['environment'];

  constructor(text: string, { environment, file = 'scanners.yaml' }: ParseScannersOptions) {
    this.#file = file;
    this.#environment = environment;
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
    const content: unknown = this.#document.toJS();
    return new Map(
      Object.entries(content as Record<string, unknown>).map(([pool, entries]) => this.#pool(pool, entries)),
    ); // a map's
  }

  #expand(): void {
    visit(this.#document, {
      Scalar: (_key, node) => {
        if (typeof node.value !== 'string') return;
        try {
          node.value = expandVariables(node.value, this.#environment);
        } catch (error) {
          if (error instanceof VariableError) throw this.#failAt(node.range?.[0], error.message);
          throw error;
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
    if (!Array.isArray(entries) || entries.length === 0)
      throw this.#fail([pool], 'expected a list of scanners, each beginning with "- instance_id:"');
    const scanners = entries.map((entry, index) => toConfig(pool, this.#entry([pool, index], entry)));
    const ids = new Set<string>();
    for (const [index, { instance_id }] of scanners.entries()) {
      if (ids.has(instance_id))
        throw this.#fail([pool, index, 'instance_id'], `${instance_id} occurs twice in the pool`);
      ids.add(instance_id);
    }
    return [pool, scanners];
  }

  #entry(path: Path, value: unknown): ScannerEntry {
    const result = v.safeParse(ScannerEntrySchema, value);
    if (result.success) return result.output;
    const [issue] = result.issues;
    const within = (issue.path ?? []).map((item) => item.key as string | number); // of objects and lists
    const isUnknown = issue.expected === 'never';
    const isMissing = issue.received === 'undefined';
    const why = isUnknown ? 'is not a setting of a scanner' : isMissing ? 'is missing' : issue.message;
    throw this.#fail([...path, ...within], why);
  }

  #fail(path: Path, why: string): NmcpError {
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

  #failAt(offset: number | undefined, why: string): NmcpError {
    const line = offset === undefined ? '' : `:${this.#lines.linePos(offset).line}`;
    return new NmcpError('invalid_config', `${this.#file}${line}: ${why}`, {
      title: 'Invalid configuration',
    });
  }
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
