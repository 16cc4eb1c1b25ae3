/**
 * The findings of a finished scan.
 *
 * @module
 */
export { queryResults, type ResultsVerdict, validateResults } from './query_results.ts';
