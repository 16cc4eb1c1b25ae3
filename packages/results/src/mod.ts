/**
 * The findings of finished scans: an index beside each .nessus file, pages, filters, orders.
 *
 * @module
 */
export { type BuildIndexOptions, buildIndex } from './index/build_index.ts';
export { FindingsIndex, type Selection } from './index/findings_index.ts';
export {
  createResultsReader,
  indexPathOf,
  type ResultsReader,
  type ResultsReaderOptions,
  type ResultsVerdict,
  validateResults,
} from './results_reader.ts';
