/** A module of its own, so that it is loaded where there are filters. */
export { parseFilters } from '@nmcp/types';
