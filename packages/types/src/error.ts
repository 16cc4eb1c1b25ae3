/**
 * Every way in which Nessus MCP can refuse or fail, with the HTTP status that stands for it.
 *
 * The list is closed: a caller can switch over it and the compiler tells when a case is missing.
 */
export const ERROR_STATUS: {
  readonly invalid_input: 400;
  readonly policy_denied: 403;
  readonly not_found: 404;
  readonly conflict: 409;
  readonly not_ready: 409;
  readonly invalid_transition: 409;
  readonly stale_lease: 409;
  readonly canceled: 409;
  readonly damaged_document: 422;
  readonly invalid_config: 500;
  readonly internal: 500;
  readonly scanner_auth: 502;
  readonly scanner_error: 502;
  readonly scanner_unreachable: 502;
  readonly scan_api_unavailable: 502;
  readonly too_many_requests: 429;
  readonly unavailable: 503;
  readonly storage: 507;
} = {
  invalid_input: 400,
  policy_denied: 403,
  not_found: 404,
  conflict: 409,
  not_ready: 409,
  invalid_transition: 409,
  stale_lease: 409,
  canceled: 409,
  damaged_document: 422,
  invalid_config: 500,
  internal: 500,
  scanner_auth: 502,
  scanner_error: 502,
  scanner_unreachable: 502,
  scan_api_unavailable: 502,
  too_many_requests: 429,
  unavailable: 503,
  storage: 507,
};

/** The kind of an {@linkcode NmcpError}. */
export type ErrorCode = keyof typeof ERROR_STATUS;

/** Options of {@linkcode NmcpError}. */
export interface NmcpErrorOptions {
  /**
   * The short text that v3.0 clients know in the field `error`, such as `Conflict`.
   *
   * @default the message
   */
  title?: string;
  /** What went wrong underneath. */
  cause?: unknown;
  /** Further facts for a program, such as `{status: 'running'}`; they stand beside the message. */
  details?: Readonly<Record<string, string | number | boolean>>;
}

/** What a tool answers in place of its result. The field names are v3.0's. */
export interface ErrorBody {
  /** Short text, stable enough to show in a list. */
  error: string;
  /** What was wrong, where, and what would be right. */
  message: string;
  /** HTTP status that stands for the kind of error. */
  status_code: number;
  /** Further facts, such as the `status` of a scan that is not completed yet. */
  [detail: string]: string | number | boolean;
}

/**
 * The one error class of Nessus MCP.
 *
 * @example
 * ```ts
 * import { NmcpError } from '@nmcp/types';
 *
 * const error = new NmcpError('conflict', 'The key "k1" was used for another request', { title: 'Conflict' });
 * console.assert(error.toBody().status_code === 409);
 * ```
 */
export class NmcpError extends Error {
  /** Which kind of failure this is. */
  readonly code: ErrorCode;
  /** The short text of the field `error`. */
  readonly title: string;
  /** Further facts for a program. */
  readonly details: Readonly<Record<string, string | number | boolean>>;

  constructor(code: ErrorCode, message: string, options: NmcpErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'NmcpError';
    this.code = code;
    this.title = options.title ?? message;
    this.details = options.details ?? {};
  }

  /** HTTP status that stands for {@linkcode code}. */
  get status(): number {
    return ERROR_STATUS[this.code];
  }

  /** The error as a tool answers it. */
  toBody(): ErrorBody {
    return { ...this.details, error: this.title, message: this.message, status_code: this.status };
  }
}

/** Whether something thrown is an {@linkcode NmcpError}, optionally of one kind. */
export function isNmcpError(thrown: unknown, code?: ErrorCode): thrown is NmcpError {
  return thrown instanceof NmcpError && (code === undefined || thrown.code === code);
}

/** The text of anything thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
