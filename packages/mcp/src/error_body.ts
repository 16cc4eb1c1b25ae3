import { type ErrorBody, isNmcpError, NmcpError } from '@nmcp/types';

/** Which tool helps next, by the title of an error: the core knows no tools. */
const HINTS: readonly (readonly [RegExp, string])[] = [
  [/^Task \S+ not found/, 'list_tasks lists existing ones'],
  [/^Scan not found/, 'list_scanner_scans lists those that can'],
  [/^Scan not completed yet/, 'wait_for_scan waits for it'],
];

/** An error as a tool answers it. Details of unexpected errors stay in the server's log. */
export function errorBody(error: unknown): ErrorBody {
  if (!isNmcpError(error))
    return new NmcpError('internal', 'An unexpected error occurred; the server log has its details', {
      title: 'Internal error',
    }).toBody();
  const body = error.toBody();
  const [, hint] = HINTS.find(([title]) => title.test(error.title)) ?? [];
  return hint === undefined ? body : { ...body, message: `${body.message}; ${hint}` };
}
