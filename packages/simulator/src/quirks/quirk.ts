import type { ScannerState } from '../state/scanner_state.ts';

/** A call as quirks look at it. */
export interface QuirkCall {
  readonly method: string;
  readonly path: string;
  /** The JSON that it brings; `{}` when it brings none. */
  body(): Promise<Readonly<Record<string, unknown>>>;
}

/** An answer in place of the scanner's; `closed` cuts the connection. */
export type QuirkAnswer =
  | 'closed'
  | {
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      /** Sent as JSON. */
      readonly json?: unknown;
      /** Sent as it is. */
      readonly body?: string | ReadableStream<Uint8Array>;
    };

/** What a quirk does once it is switched on. */
export interface QuirkActions {
  /** Before the scanner looks at a call; what it returns is the answer. */
  before?(call: QuirkCall): Promise<QuirkAnswer | undefined> | QuirkAnswer | undefined;
  /** Changes the JSON of a success. */
  edit?(json: unknown, call: QuirkCall): unknown;
  /** After a success; what it returns is the answer in its place. */
  after?(call: QuirkCall, json: unknown): QuirkAnswer | undefined;
}

/** A habit that scanners in the field have, and that a fresh simulator has not. */
export interface Quirk {
  readonly name: string;
  /** One sentence. */
  readonly description: string;
  /** Who has seen it. */
  readonly source: string;
  /** The number in `name=number` where none is given, and what it counts. Absent: it takes none. */
  readonly value?: { readonly is: string; readonly byDefault: number };
  /** Switches it on, with a memory of its own. */
  start(state: ScannerState, value: number): QuirkActions;
}
