import { join } from 'node:path';
import { makeFolder } from '@nmcp/files';
import { writeToFile } from '@nmcp/runtime/cli';
import {
  chooseProjection,
  type ExportOptions,
  type FindingsSource,
  FORMATS,
  type FormatName,
  findingLine,
  metadataLine,
  type NamedDocument,
  type NessusEvent,
  schemaLine,
  singleDocument,
} from '@nmcp/schema';
import { messageOf, NmcpError } from '@nmcp/types';
import { contentOf, eventsFor, type Wanted } from './content.ts';

/** Files for each part: names that no host and no archive can lead out of the folder. */
class PartFiles {
  readonly #folder: string;
  readonly #extension: string;
  readonly #taken = new Set<string>();

  constructor(folder: string, format: string) {
    this.#folder = folder;
    this.#extension = format === 'jsonl' ? 'jsonl' : FORMATS[format as FormatName].extension; // checked by the caller
  }

  pathFor(name: string): string {
    const base =
      name
        .replace(/\.nessus$/i, '')
        .replaceAll(/[^\w.-]+/g, '_')
        .replace(/^\.+/, '_')
        .slice(0, 100) || '_';
    let unique = base;
    for (let i = 2; this.#taken.has(unique.toLowerCase()); i++) unique = `${base}-${i}`;
    this.#taken.add(unique.toLowerCase());
    return join(this.#folder, `${unique}.${this.#extension}`);
  }
}

/** Writes a file for each document. */
export async function splitByFile(
  documents: readonly NamedDocument[],
  folder: string,
  wanted: Wanted,
): Promise<number> {
  const files = await partFiles(folder, wanted.format);
  for (const { name, open } of documents)
    await writeToFile(files.pathFor(name), contentOf(singleDocument(open), wanted));
  return documents.length;
}

/** Writes a file for each host; its findings are kept until all that tell of it were read. */
export async function splitByHost(source: FindingsSource, folder: string, wanted: Wanted): Promise<number> {
  const files = await partFiles(folder, wanted.format);
  const common: NessusEvent[] = [];
  const hosts = new Map<string, NessusEvent[]>();
  const { events: all, options } = await eventsFor(source, wanted);
  for await (const batch of all) {
    for (const event of batch) {
      if (event.type === 'policy' || event.type === 'report') common.push(event);
      else {
        const name = event.type === 'host' ? event.host.name : event.finding.host;
        const events = hosts.get(name) ?? [];
        events.push(event);
        hosts.set(name, events);
      }
    }
  }
  for (const [name, events] of hosts)
    await writeToFile(files.pathFor(name), partOf([...common, ...events], wanted, options));
  return hosts.size;
}

async function partFiles(folder: string, format: string): Promise<PartFiles> {
  await makeFolder(folder).catch((cause: unknown) => {
    throw new NmcpError('storage', `${folder} cannot be written: ${messageOf(cause)}`, { cause });
  });
  return new PartFiles(folder, format);
}

async function* partOf(
  events: NessusEvent[],
  wanted: Wanted,
  options: ExportOptions,
): AsyncGenerator<string | Uint8Array> {
  if (wanted.format === 'jsonl') yield* linesOf(events, wanted);
  else yield* FORMATS[wanted.format as FormatName].exporter(batchOf(events), options); // checked by the caller
}

async function* batchOf(events: NessusEvent[]): AsyncGenerator<NessusEvent[]> {
  yield events;
}

function* linesOf(events: readonly NessusEvent[], { query }: Wanted): Generator<string> {
  const projection = chooseProjection(query.profile, query.customFields);
  const findings = events.flatMap((event) => (event.type === 'finding' ? [event.finding] : []));
  const scan_name = events.find((event) => event.type === 'report')?.name ?? 'Unknown';
  yield `${schemaLine(projection, query.filters ?? {}, findings.length, undefined)}\n${metadataLine({ scan_name, hosts: 1 })}\n`;
  for (const finding of findings) yield `${findingLine(finding, projection)}\n`;
}
