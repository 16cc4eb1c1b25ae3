/** Statuses with which the scanner refuses. */
export type RefusalStatus = 400 | 401 | 403 | 404 | 405 | 409 | 412 | 416 | 503;

/** An answer that is no success: Nessus sends `{"error": message}`. */
export class Refusal extends Error {
  readonly status: RefusalStatus;

  constructor(status: RefusalStatus, message: string) {
    super(message);
    this.status = status;
  }
}

/** What Nessus says of anything that it does not have. */
export function notFound(): Refusal {
  return new Refusal(404, 'The requested file was not found.');
}
