import { NmcpError } from '@nmcp/types/core';
import type { NamedDocument } from '../sources/merged_documents.ts';
import { inflate, refuseBomb, type UnpackLimits } from './inflate.ts';
import { bytesOf, type StoredBytes } from './stored_bytes.ts';
import { contentStart, type ZipMember, zipMembers } from './zip_members.ts';

/**
 * The .nessus documents in a file: itself, what it was packed of with gzip, or those in a ZIP archive. What is packed is unpacked as
 * it is read, so that nothing is kept.
 *
 * @param name of the file; documents of an archive have it before their own: `weekly.zip/dmz.nessus`
 * @throws {NmcpError} `invalid_input` for an archive with a path that climbs out, with an archive in it, without a document, or that
 *   unpacks to more than the limits; `damaged_document` for one that is cut short or damaged
 *
 * @example
 * ```ts
 * import { documentsIn, ofBlob } from '@nmcp/schema';
 *
 * const file = new Blob(['<NessusClientData_v2/>']);
 * const documents = await documentsIn('scan.nessus', ofBlob(file));
 * console.assert(documents.length === 1 && documents[0]?.name === 'scan.nessus');
 * ```
 */
export async function documentsIn(
  name: string,
  stored: StoredBytes,
  limits: UnpackLimits = {},
): Promise<NamedDocument[]> {
  const start = await bytesOf(stored, 0, 4);
  if (start[0] === 0x1f && start[1] === 0x8b) {
    const open = (): AsyncIterable<Uint8Array> =>
      inflate({ name, format: 'gzip', packedSize: stored.size, source: stored.stream() }, limits);
    return [{ name: name.replace(/\.gz$/i, ''), open }];
  }
  const isZip = start[0] === 0x50 && start[1] === 0x4b && (start[2] === 3 || start[2] === 5);
  return isZip ? await documentsInZip(name, stored, limits) : [{ name, open: () => stored.stream() }];
}

async function documentsInZip(
  archive: string,
  stored: StoredBytes,
  limits: UnpackLimits,
): Promise<NamedDocument[]> {
  const members = await zipMembers(archive, stored);
  for (const { name } of members) refuse(archive, name);
  const documents = members.filter(({ name }) => /\.nessus$/i.test(name));
  if (documents.length === 0)
    throw new NmcpError(
      'invalid_input',
      `${archive} holds no .nessus file${
        members.length === 0
          ? ''
          : `; it holds ${members
              .slice(0, 5)
              .map(({ name }) => name)
              .join(', ')}`
      }`,
    );
  for (const { name, packedSize, size } of documents)
    refuseBomb({ name: `${archive}/${name}`, packedSize, unpacked: size }, limits);
  return documents.map((member) => ({
    name: `${archive}/${member.name}`,
    open: () => contentOf(archive, stored, member, limits),
  }));
}

/** @throws {NmcpError} `invalid_input` */
function refuse(archive: string, name: string): void {
  const shown = JSON.stringify(name.slice(0, 80));
  if (/^(?:[/\\]|[a-z]:)|(?:^|[/\\])\.\.(?:[/\\]|$)/i.test(name))
    throw new NmcpError(
      'invalid_input',
      `${archive} holds a file with a path that leads out of it, ${shown}, so it is not read`,
    );
  if (/\.(?:zip|gz|tgz|7z|rar|tar|bz2|xz)$/i.test(name))
    throw new NmcpError('invalid_input', `${archive} holds another archive, ${shown}; unpack it first`);
}

async function* contentOf(
  archive: string,
  stored: StoredBytes,
  member: ZipMember,
  limits: UnpackLimits,
): AsyncGenerator<Uint8Array> {
  const name = `${archive}/${member.name}`;
  if (member.isEncrypted) throw new NmcpError('invalid_input', `${name} is encrypted; unpack it first`);
  const start = await contentStart(archive, stored, member);
  const source = stored.stream(start, start + member.packedSize);
  if (member.method === 0)
    yield* source as AsyncIterable<Uint8Array>; // `yield*` takes all kinds of sources
  else if (member.method === 8)
    yield* inflate({ name, format: 'deflate-raw', packedSize: member.packedSize, source }, limits);
  else
    throw new NmcpError(
      'invalid_input',
      `${name} is packed by a method that is not DEFLATE; unpack it first`,
    );
}
