import type { Tool } from '../define_tool.ts';
import { cancelScan } from './cancel_scan.ts';
import { compareScansTool } from './compare_scans.ts';
import { getPoolStatus } from './get_pool_status.ts';
import { getQueueStatus } from './get_queue_status.ts';
import { getScanResults } from './get_scan_results.ts';
import { getScanStatus } from './get_scan_status.ts';
import { getScanSummary } from './get_scan_summary.ts';
import { importScan } from './import_scan.ts';
import { listPools } from './list_pools.ts';
import { listScannerScans } from './list_scanner_scans.ts';
import { listScanners } from './list_scanners.ts';
import { listTasks } from './list_tasks.ts';
import { runAuthenticatedScan } from './run_authenticated_scan.ts';
import { runUntrustedScan } from './run_untrusted_scan.ts';
import { waitForScan } from './wait_for_scan.ts';

/** Every tool, in the order in which it is listed. */
export const TOOLS: readonly Tool[] = [
  runUntrustedScan,
  runAuthenticatedScan,
  getScanStatus,
  waitForScan,
  cancelScan,
  importScan,
  getScanSummary,
  getScanResults,
  compareScansTool,
  listTasks,
  listScanners,
  listScannerScans,
  listPools,
  getPoolStatus,
  getQueueStatus,
];
