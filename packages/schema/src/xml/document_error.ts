import { NmcpError } from '@nmcp/types/core';

/** Where in a document something is. */
export interface DocumentPosition {
  /** Bytes from the start of the document, from 0. */
  offset: number;
  /** Line, from 1. */
  line: number;
}

/**
 * A document that cannot be read on. What was whole before {@linkcode offset} has been handed out already.
 *
 * Its code is `damaged_document`.
 */
export class DocumentError extends NmcpError {
  /** What is wrong, without the place. */
  readonly reason: string;
  /** Bytes from the start of the document, from 0. */
  readonly offset: number;
  /** Line, from 1. */
  readonly line: number;

  constructor(reason: string, position: DocumentPosition) {
    super('damaged_document', `${reason} (byte ${position.offset}, line ${position.line})`);
    this.name = 'DocumentError';
    this.reason = reason;
    this.offset = position.offset;
    this.line = position.line;
  }

  /** The same error with the document's name before it. */
  in(document: string): DocumentError {
    return new DocumentError(`${document}: ${this.reason}`, this);
  }
}
