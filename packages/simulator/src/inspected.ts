/** A call that was made. */
export interface RequestRecord {
  /** Unix milliseconds. */
  at: number;
  method: string;
  /** Path without its query. */
  path: string;
  query: Readonly<Record<string, string>>;
  /** Of the answer; 0 when the connection was cut. */
  status: number;
}

/** A scan that a person makes in the user interface, which works on all licences. */
export interface ScanByHand {
  name: string;
  targets: string;
  description?: string | undefined;
  /** @default true */
  launch?: boolean | undefined;
}
