import type { Row } from '@nmcp/test-support';

/**
 * Holds a checkout to the directions between its packages.
 *
 * @param root its folder
 * @returns a sentence for each rule that is broken, and the rows of the report
 */
export function checkDirections(root: string): Promise<{ sentences: string[]; rows: Row[] }>;
