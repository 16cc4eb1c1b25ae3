/** A fault on demand. Calls that match it go wrong in the ways that it names; it may name several. */
export interface Fault {
  /** Such as `POST`. @default any */
  method?: string;
  /** Looked for in the path. */
  path: RegExp;
  /** Calls that go wrong; `Infinity` for all from now on. @default 1 */
  times?: number;
  /** Calls that match and go well before that. @default 0 */
  skip?: number;
  /** Answers with this status and `{"error": "Fault on demand"}` in place of the answer. */
  status?: number;
  /** Headers of that answer, such as `retry-after`. */
  headers?: Readonly<Record<string, string>>;
  /** Body of that answer in place of the error, such as a proxy's page. */
  body?: string;
  /** Milliseconds before the call is looked at. */
  delayMs?: number;
  /** Cuts the connection without an answer, after the call has done its work where `afterwards` says so. */
  reset?: boolean | 'afterwards';
  /** Sends half of the answer, then cuts the connection. */
  halfBody?: boolean;
  /** Sends the answer no faster than this. */
  bytesPerSecond?: number;
  /** Ends all sessions before the call is looked at. */
  expireSessions?: boolean;
}
