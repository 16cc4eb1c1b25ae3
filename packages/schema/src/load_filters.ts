import type { Filters } from '@nmcp/types';
import type { CompiledFilters } from './filters.ts';

/** What no filters compile to: every finding is wanted. */
export const EVERY_FINDING: CompiledFilters = {
  matches: () => true,
  fields: new Set(),
  combines: 'all',
  parts: [],
  source: {},
};

/**
 * {@linkcode compileFilters}, which is loaded when there are filters: it brings an engine for regular expressions.
 *
 * @throws {NmcpError} like {@linkcode compileFilters}
 */
export async function loadFilters(filters: Filters | undefined): Promise<CompiledFilters> {
  if (filters === undefined || isEmpty(filters)) return EVERY_FINDING;
  const { compileFilters } = await import('./filters.ts');
  return compileFilters(filters);
}

/** What is no object at all is for the compiler to refuse. */
function isEmpty(filters: Filters): boolean {
  return typeof filters === 'object' && !Array.isArray(filters) && Object.keys(filters).length === 0;
}
