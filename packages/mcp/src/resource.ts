import { ResourceNotFoundError, type ResourceTemplate } from '@modelcontextprotocol/server';
import type { OperationRules } from '@nmcp/scans';
import { isNmcpError } from '@nmcp/types';

export const JSON_TYPE = 'application/json';
export const LINES_TYPE = 'application/x-ndjson';

/** Something that clients can read by its address. */
export interface Resource {
  name: string;
  at: string | ResourceTemplate;
  /** What it shows is shown by a tool, too: where that is not offered, neither is this. @default any tool */
  of?: { rules: OperationRules };
  about: { title: string; description: string; mimeType: string };
  read(uri: URL, variables: Variables): Promise<ResourceContents>;
}

/** What stands in the places of a template. */
export type Variables = Readonly<Record<string, string | string[] | undefined>>;

/** One of them as text. */
export function variable(value: string | string[] | undefined): string {
  return decodeURIComponent(String(value ?? ''));
}

/** A type alias, since the SDK wants an index signature. */
export type ResourceContents = { contents: { uri: string; mimeType: string; text: string }[] };

/** The answer of one resource. */
export function contents(uri: URL, mimeType: string, text: string): ResourceContents {
  return { contents: [{ uri: uri.href, mimeType, text }] };
}

/** A scan that does not exist, is another caller's, or has no results yet cannot be read. */
export async function found<T>(uri: URL, look: () => Promise<T>): Promise<T> {
  try {
    return await look();
  } catch (error) {
    if (
      isNmcpError(error, 'not_found') ||
      isNmcpError(error, 'invalid_input') ||
      isNmcpError(error, 'not_ready')
    )
      throw new ResourceNotFoundError(uri.href, error.message);
    throw error;
  }
}
