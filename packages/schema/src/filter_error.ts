import { NmcpError } from '@nmcp/types/core';

/** The error of a filter that is wrong. */
export function invalidFilters(where: string, why: string): NmcpError {
  return new NmcpError('invalid_input', `${where.replace(/^filters\./, 'filters: ')}: ${why}`, {
    title: 'Invalid filters',
  });
}
