import { type Filters, filtersSchema, NmcpError, parseInput } from '@nmcp/types';

/**
 * Filters as they are typed: JSON.
 *
 * @throws {NmcpError} `invalid_input`
 */
export function parseFilters(text: string): Filters {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new NmcpError(
      'invalid_input',
      `--filter is not JSON; expected an object such as {"severity": ">=3"}`,
    );
  }
  return parseInput(filtersSchema('Which findings'), value, '--filter');
}
