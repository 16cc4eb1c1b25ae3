import type { CommandDef } from 'citty';
import { ACCESS_COMMANDS } from './commands/access.ts';
import { APPROVAL_COMMANDS } from './commands/approvals.ts';
import { completionCommand } from './commands/completion.ts';
import { DOCTOR_COMMANDS } from './commands/doctor.ts';
import { IMPORT_EXPORT_COMMANDS } from './commands/import_export.ts';
import { INVENTORY_COMMANDS } from './commands/inventory.ts';
import { MAINTENANCE_COMMANDS } from './commands/maintenance.ts';
import { QUEUE_COMMANDS } from './commands/queue.ts';
import { SCAN_COMMANDS } from './commands/scan.ts';
import { SCANNER_COMMANDS } from './commands/scanners.ts';
import { STATE_COMMANDS } from './commands/state.ts';
import { TASK_COMMANDS } from './commands/tasks.ts';
import { TOP_COMMANDS } from './commands/top.ts';

/** The commands: v3.0's under their old names, then the new ones. */
export const COMMANDS: Readonly<Record<string, CommandDef>> = {
  ...QUEUE_COMMANDS,
  ...SCAN_COMMANDS,
  ...TASK_COMMANDS,
  ...SCANNER_COMMANDS,
  ...TOP_COMMANDS,
  ...DOCTOR_COMMANDS,
  ...MAINTENANCE_COMMANDS,
  ...IMPORT_EXPORT_COMMANDS,
  ...INVENTORY_COMMANDS,
  ...APPROVAL_COMMANDS,
  ...ACCESS_COMMANDS,
  ...STATE_COMMANDS,
  completion: completionCommand(() => COMMANDS),
};
