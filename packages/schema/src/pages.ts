import { NmcpError } from '@nmcp/types/core';

/** Findings on a page when the caller does not say. */
export const DEFAULT_PAGE_SIZE = 40;
const MIN_PAGE_SIZE = 10;
const MAX_PAGE_SIZE = 100;

/** One page of a list. */
export interface Page {
  /** From 1; 0 means the whole list. */
  page: number;
  page_size: number;
  total_pages: number;
  /** Index of the first item, from 0. */
  start: number;
  /** Index after the last item. */
  end: number;
}

/** A page size within 10 to 100. */
export function clampPageSize(size: number): number {
  return Math.max(MIN_PAGE_SIZE, Math.min(MAX_PAGE_SIZE, Math.trunc(size)));
}

/**
 * Cuts a page out of a list. A page beyond the end is empty; an empty list has one page.
 *
 * @throws {NmcpError} `invalid_input` on a page that is no whole number from 0.
 */
export function pageOf(total: number, page: number, pageSize: number): Page {
  if (!Number.isSafeInteger(page) || page < 0) {
    throw new NmcpError(
      'invalid_input',
      `page ${page} is not a page number: expected 1 or more, or 0 for everything`,
      { title: 'Invalid page' },
    );
  }
  const size = clampPageSize(pageSize);
  if (page === 0) return { page, page_size: size, total_pages: 1, start: 0, end: total };
  const start = Math.min((page - 1) * size, total);
  return {
    page,
    page_size: size,
    total_pages: Math.max(1, Math.ceil(total / size)),
    start,
    end: Math.min(start + size, total),
  };
}
