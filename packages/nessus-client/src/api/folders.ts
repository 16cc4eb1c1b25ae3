import * as v from 'valibot';
import type { CallOptions } from '../call.ts';
import type { NessusClient } from '../nessus_client.ts';
import { fieldOf, id, listIn, number, text } from './fields.ts';

/** A folder of scans. */
export interface Folder {
  id: number;
  name: string;
  /** `main`, `trash` or `custom`. */
  type?: string | null | undefined;
  /** 1 for a folder that a user made. */
  custom?: number | null | undefined;
  default_tag?: number | null | undefined;
  unread_count?: number | null | undefined;
}

/** Schema of a {@linkcode Folder}. */
export const FolderSchema: v.GenericSchema<unknown, Folder> = v.looseObject({
  id,
  name: v.string(),
  type: text,
  custom: number,
  default_tag: number,
  unread_count: number,
});

const FoldersSchema = listIn('folders', FolderSchema);
const IdSchema = fieldOf('id', id);

/** GET /folders: the folders of the user. */
export function listFolders(client: NessusClient, options: CallOptions = {}): Promise<Folder[]> {
  return client.call(FoldersSchema, 'GET', '/folders', options);
}

/** POST /folders: makes a folder and answers its id. */
export function createFolder(client: NessusClient, name: string, options: CallOptions = {}): Promise<number> {
  return client.call(IdSchema, 'POST', '/folders', { ...options, body: { name } });
}

/** PUT /folders/{id}: gives a folder another name. */
export function renameFolder(
  client: NessusClient,
  folderId: number,
  name: string,
  options: CallOptions = {},
): Promise<void> {
  return client.run('PUT', `/folders/${folderId}`, { ...options, body: { name } });
}

/** DELETE /folders/{id}: removes a folder; its scans go to the trash. */
export function deleteFolder(
  client: NessusClient,
  folderId: number,
  options: CallOptions = {},
): Promise<void> {
  return client.run('DELETE', `/folders/${folderId}`, options);
}
