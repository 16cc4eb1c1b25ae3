import { NmcpError } from '@nmcp/types/core';
import { bytesOf, type StoredBytes } from './stored_bytes.ts';

/** A file in a ZIP archive. */
export interface ZipMember {
  name: string;
  /** 0 stored, 8 DEFLATE. */
  method: number;
  packedSize: number;
  /** What the archive says of it. */
  size: number;
  isEncrypted: boolean;
  /** Where its local header begins. */
  offset: number;
}

/** Signatures and sizes of the archive's records: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT */
const END = 0x06054b50;
const END_SIZE = 22;
const MAX_COMMENT = 65_535;
const CENTRAL = 0x02014b50;
const CENTRAL_SIZE = 46;
const LOCAL = 0x04034b50;
const LOCAL_SIZE = 30;
const IN_ZIP64 = 0xffffffff;
/** Bytes of a list of members: some 100,000 of them. */
const MAX_LIST = 16_777_216;

/** The files in a ZIP archive, as its list has them. @throws {NmcpError} `damaged_document` when it is none that can be read */
export async function zipMembers(archive: string, stored: StoredBytes): Promise<ZipMember[]> {
  const damaged = (why: string): NmcpError =>
    new NmcpError('damaged_document', `${archive} cannot be read as a ZIP archive: ${why}`);
  const from = Math.max(0, stored.size - END_SIZE - MAX_COMMENT);
  const tail = viewOf(await bytesOf(stored, from, stored.size));
  let end = tail.byteLength - END_SIZE;
  while (end >= 0 && tail.getUint32(end, true) !== END) end--;
  if (end < 0) throw damaged('it is cut short or damaged');
  const [size, offset] = [tail.getUint32(end + 12, true), tail.getUint32(end + 16, true)];
  if (size === IN_ZIP64 || offset === IN_ZIP64) throw damaged('it is in ZIP64 format; unpack it first');
  if (size > MAX_LIST || offset + size > stored.size) throw damaged('its list of files is damaged');
  const list = viewOf(await bytesOf(stored, offset, offset + size));
  const members: ZipMember[] = [];
  for (let at = 0; at + CENTRAL_SIZE <= list.byteLength; ) {
    if (list.getUint32(at, true) !== CENTRAL) throw damaged('its list of files is damaged');
    const nameLength = list.getUint16(at + 28, true);
    const name = new Uint8Array(
      list.buffer,
      list.byteOffset + at + CENTRAL_SIZE,
      Math.min(nameLength, list.byteLength - at - CENTRAL_SIZE),
    );
    members.push({
      name: new TextDecoder().decode(name),
      method: list.getUint16(at + 10, true),
      isEncrypted: (list.getUint16(at + 8, true) & 1) === 1,
      packedSize: list.getUint32(at + 20, true),
      size: list.getUint32(at + 24, true),
      offset: list.getUint32(at + 42, true),
    });
    at += CENTRAL_SIZE + nameLength + list.getUint16(at + 30, true) + list.getUint16(at + 32, true);
  }
  return members;
}

/** Where a member's content begins. @throws {NmcpError} `damaged_document` */
export async function contentStart(archive: string, stored: StoredBytes, member: ZipMember): Promise<number> {
  const header = viewOf(await bytesOf(stored, member.offset, member.offset + LOCAL_SIZE));
  if (header.byteLength < LOCAL_SIZE || header.getUint32(0, true) !== LOCAL)
    throw new NmcpError(
      'damaged_document',
      `${archive} is damaged: ${member.name} is not where its list says`,
    );
  return member.offset + LOCAL_SIZE + header.getUint16(26, true) + header.getUint16(28, true);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
