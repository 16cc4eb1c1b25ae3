import type { AcceptedRisk } from '../accepted_risk.ts';
import type { InventoryView } from '../inventory_view.ts';
import { rowsOfRisk } from './accepted_rows.ts';
import type { Knowledge } from './select_findings.ts';

/** An accepted risk, and what it is about. */
export interface ListedRisk extends AcceptedRisk {
  /** Findings that it accepts and that are still there, among those that the viewer sees. */
  findings: number;
  isOver: boolean;
}

/** Accepted risks, the next to end first. */
export function listRisks(view: InventoryView, { risks, now }: Knowledge): ListedRisk[] {
  return risks
    .map((risk) => ({
      ...risk,
      findings: rowsOfRisk(view, risk).filter((row) => !view.isFixed(row)).length,
      isOver: risk.until <= now,
    }))
    .sort((a, b) => a.until - b.until);
}
