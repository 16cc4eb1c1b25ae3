import { type ErrorCode, NmcpError } from '@nmcp/types';

/** An answer of the scanner that is no success. */
export class NessusApiError extends NmcpError {
  /** HTTP status of the answer. */
  readonly httpStatus: number;
  /** Method and path of the call, such as `POST /scans`; no query, no body. */
  readonly endpoint: string;
  /** How long the scanner asks to wait (Retry-After), in milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** The answer's body, where it was short JSON. */
  readonly body: unknown;

  constructor(
    code: ErrorCode,
    message: string,
    httpStatus: number,
    endpoint: string,
    { retryAfterMs, body }: { retryAfterMs?: number | undefined; body?: unknown } = {},
  ) {
    super(code, message);
    this.name = 'NessusApiError';
    this.httpStatus = httpStatus;
    this.endpoint = endpoint;
    this.retryAfterMs = retryAfterMs;
    this.body = body;
  }
}

/**
 * The scanner's licence has no scan API: Nessus Essentials, Professional and Expert answer 412 to create, launch, stop
 * and delete. Reading scans and exporting works on all licences.
 */
export class ScanApiUnavailableError extends NessusApiError {
  /** Such as `Nessus Essentials`; absent when the scanner does not say. */
  readonly licence: string | undefined;

  constructor(endpoint: string, licence?: string) {
    super(
      'scan_api_unavailable',
      `The scanner's licence has no scan API${licence === undefined ? '' : `: it is ${licence}`} (Nessus Manager and Tenable Vulnerability Management have it). Start the scan in the Nessus UI and import its results`,
      412,
      endpoint,
    );
    this.name = 'ScanApiUnavailableError';
    this.licence = licence;
  }
}

/** The time for an answer is over. */
export class NoAnswerError extends Error {}

/** The scanner did not answer: no connection, a certificate that is not trusted, or no answer in time. */
export class ScannerUnreachableError extends NmcpError {
  /** Method and path of the call. */
  readonly endpoint: string;
  /** It was connected to, and did not answer in time. */
  readonly timedOut: boolean;
  /** Its certificate is not trusted, which trying again does not change. */
  readonly untrusted: boolean;

  constructor(message: string, endpoint: string, cause: unknown, untrusted = false) {
    super('scanner_unreachable', message, { cause });
    this.name = 'ScannerUnreachableError';
    this.endpoint = endpoint;
    this.timedOut = cause instanceof NoAnswerError;
    this.untrusted = untrusted;
  }
}

/** The scanner has no template of that name. */
export class TemplateNotFoundError extends NmcpError {
  /** Names of those that it has. */
  readonly available: readonly string[];

  constructor(kind: 'scan' | 'policy', name: string, available: readonly string[]) {
    super(
      'not_found',
      `The scanner has no ${kind} template ${JSON.stringify(name)}; it has ${available.join(', ')}`,
    );
    this.name = 'TemplateNotFoundError';
    this.available = available;
  }
}

/** The error that an HTTP status of the scanner stands for. */
export function errorOfStatus(
  status: number,
  endpoint: string,
  said: string,
  more: { retryAfterMs?: number | undefined; body?: unknown } = {},
): NessusApiError {
  const detail = said === '' ? '' : `: ${said}`;
  switch (status) {
    case 401:
      return new NessusApiError(
        'scanner_auth',
        `The scanner refused the credentials (${endpoint} answered 401${detail})`,
        status,
        endpoint,
        more,
      );
    case 403:
      return new NessusApiError(
        'scanner_auth',
        `The scanner's user may not do this (${endpoint} answered 403${detail})`,
        status,
        endpoint,
        more,
      );
    case 404:
      return new NessusApiError(
        'not_found',
        `The scanner does not have it (${endpoint} answered 404${detail})`,
        status,
        endpoint,
        more,
      );
    case 412:
      return /API is not available/i.test(said) || said === ''
        ? new ScanApiUnavailableError(endpoint)
        : new NessusApiError('scanner_error', `${endpoint} answered 412${detail}`, status, endpoint, more);
    default:
      // its own faults pass, like those of its plugins compiling: 500 and above say nothing of the request
      if (status === 429 || status >= 500) {
        return new NessusApiError(
          'scanner_unreachable',
          `The scanner cannot answer now (${endpoint} answered ${status}${detail})`,
          status,
          endpoint,
          more,
        );
      }
      return new NessusApiError(
        'scanner_error',
        `${endpoint} answered ${status}${detail}`,
        status,
        endpoint,
        more,
      );
  }
}

const CERTIFICATE_CODES = /SELF_SIGNED|UNABLE_TO_(?:VERIFY|GET)|CERT_|ERR_TLS_CERT|certificate/i;

/** The error that a failed connection stands for. */
export function errorOfConnection(
  thrown: unknown,
  origin: string,
  endpoint: string,
): ScannerUnreachableError {
  const reason = rootReason(thrown);
  const isOfOther = reason.includes('ALTNAME');
  const untrusted = isOfOther || CERTIFICATE_CODES.test(reason);
  const message = isOfOther
    ? `The certificate of ${origin} is for another name (${reason}); name its SHA-256 fingerprint, or the certificate itself as CA file`
    : untrusted
      ? `The certificate of ${origin} is not trusted (${reason}); name its CA file or its SHA-256 fingerprint`
      : `The scanner at ${origin} cannot be reached (${reason})`;
  return new ScannerUnreachableError(message, endpoint, thrown, untrusted);
}

/** The innermost cause's code or text, which says more than "fetch failed". */
function rootReason(thrown: unknown): string {
  let current = thrown;
  while (current instanceof Error && current.cause instanceof Error) current = current.cause;
  if (!(current instanceof Error)) return String(current);
  const code = 'code' in current && typeof current.code === 'string' ? current.code : undefined;
  return code ?? current.message;
}
