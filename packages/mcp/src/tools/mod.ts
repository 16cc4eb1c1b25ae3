import type { Tool } from '../tool.ts';
import { cancelScanTool } from './cancel_scan.ts';
import { compareScansTool } from './compare_scans.ts';
import { getFixPlanTool } from './get_fix_plan.ts';
import { getPoolStatusTool } from './get_pool_status.ts';
import { getQueueStatusTool } from './get_queue_status.ts';
import { getScanResultsTool } from './get_scan_results.ts';
import { getScanStatusTool } from './get_scan_status.ts';
import { getScanSummaryTool } from './get_scan_summary.ts';
import { getTrendTool } from './get_trend.ts';
import { importScanTool } from './import_scan.ts';
import { listPoolsTool } from './list_pools.ts';
import { listScannerScansTool } from './list_scanner_scans.ts';
import { listScannersTool } from './list_scanners.ts';
import { listTasksTool } from './list_tasks.ts';
import { runAuthenticatedScanTool } from './run_authenticated_scan.ts';
import { runUntrustedScanTool } from './run_untrusted_scan.ts';
import { searchAssetsTool } from './search_assets.ts';
import { searchFindingsTool } from './search_findings.ts';
import { waitForScanTool } from './wait_for_scan.ts';

/** Every tool, in the order in which it is listed. */
export const TOOLS: readonly Tool[] = [
  runUntrustedScanTool,
  runAuthenticatedScanTool,
  getScanStatusTool,
  waitForScanTool,
  cancelScanTool,
  importScanTool,
  getScanSummaryTool,
  getScanResultsTool,
  compareScansTool,
  listTasksTool,
  searchAssetsTool,
  searchFindingsTool,
  getFixPlanTool,
  getTrendTool,
  listScannersTool,
  listScannerScansTool,
  listPoolsTool,
  getPoolStatusTool,
  getQueueStatusTool,
];

/** Their names. */
export const TOOL_NAMES: readonly string[] = TOOLS.map(({ rules }) => rules.name);
