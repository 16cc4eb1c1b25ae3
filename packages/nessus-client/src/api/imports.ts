import * as v from 'valibot';
import type { CallOptions } from '../call.ts';
import type { NessusClient } from '../nessus_client.ts';
import { fieldOf, id } from './fields.ts';
import { getSession } from './session.ts';

/** A file to send: a `Blob` (in Node, `fs.openAsBlob(path)` reads from disk as it is sent) or a stream of bytes. */
export interface UploadSource {
  /** Name under which the scanner keeps it. */
  name: string;
  content: Blob | ReadableStream<Uint8Array>;
}

const UploadedSchema = fieldOf('fileuploaded', v.pipe(v.string(), v.minLength(1)));

/**
 * POST /file/upload: sends a file and answers the name by which `importScan` or a credential takes it. It is streamed; a
 * stream cannot be sent again, so the session is renewed beforehand.
 */
export async function uploadFile(
  client: NessusClient,
  file: UploadSource,
  options: CallOptions & { encrypted?: boolean } = {},
): Promise<string> {
  const { encrypted = false, ...call } = options;
  await getSession(client, call);
  const query = { no_enc: encrypted ? 0 : 1 };
  const { body, headers } = multipart(file);
  return await client.call(UploadedSchema, 'POST', '/file/upload', { ...call, query, body, headers });
}

/** A scan that was imported. */
export interface ImportedScan {
  id: number;
  name?: string | null | undefined;
  status?: string | null | undefined;
}

const ImportedSchema: v.GenericSchema<unknown, ImportedScan> = fieldOf(
  'scan',
  v.looseObject({
    id,
    name: v.nullish(v.string()),
    status: v.nullish(v.string()),
  }),
);

/** POST /scans/import: makes a scan of a file that was uploaded with `uploadFile`. Works on all licences. */
export function importScan(
  client: NessusClient,
  uploadedFile: string,
  { folderId, password, ...options }: CallOptions & { folderId?: number; password?: string } = {},
): Promise<ImportedScan> {
  const body = { file: uploadedFile, folder_id: folderId, password };
  return client.call(ImportedSchema, 'POST', '/scans/import', { ...options, body });
}

interface Multipart {
  body: FormData | ReadableStream<Uint8Array>;
  headers?: Record<string, string>;
}

/** FormData where its length can be known; else the same bytes one after the other. */
function multipart({ name, content }: UploadSource): Multipart {
  if (content instanceof Blob) {
    const form = new FormData();
    form.append('Filedata', content, name);
    return { body: form };
  }
  const boundary = `nmcp-${crypto.randomUUID()}`;
  const encoder = new TextEncoder();
  const fileName = name.replaceAll(/["\r\n]/g, '_');
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="Filedata"; filename="${fileName}"\r\nContent-Type: application/octet-stream\r\n\r\n`;
  const reader = content.getReader();
  let isBegun = false;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (!isBegun) {
        isBegun = true;
        return controller.enqueue(encoder.encode(head));
      }
      const next = await reader.read();
      if (!next.done) return controller.enqueue(next.value);
      controller.enqueue(encoder.encode(`\r\n--${boundary}--\r\n`));
      controller.close();
    },
    cancel: (reason) => reader.cancel(reason),
  });
  return { body, headers: { 'content-type': `multipart/form-data; boundary=${boundary}` } };
}
