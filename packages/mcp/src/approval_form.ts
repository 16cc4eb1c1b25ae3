import type { ApprovalQuestion } from '@nmcp/scans';
import { cleanText } from '@nmcp/schema';

const MAX_SHOWN = 300;

/** A form that a client shows to a person. */
export interface ApprovalForm {
  message: string;
  requestedSchema: {
    type: 'object';
    properties: { run: { type: 'boolean'; title: string; default: boolean } };
    required: string[];
  };
}

/** A question as a form. Text from the model is quoted on one line each, so that it cannot pass for the server's. */
export function approvalForm(question: ApprovalQuestion): ApprovalForm {
  const { task_id, reason, targets, name, scan_type, scanner_pool } = question;
  const quoted = (text: string): string => JSON.stringify(cleanText(text, MAX_SHOWN));
  return {
    message: [
      `This scan needs your approval: ${cleanText(reason)}.`,
      `Targets: ${quoted(targets)}`,
      `Name: ${quoted(name)}`,
      `Type: ${scan_type}, in the pool ${scanner_pool}`,
      `Task: ${task_id}`,
    ].join('\n'),
    requestedSchema: {
      type: 'object',
      properties: { run: { type: 'boolean', title: 'Run this scan', default: false } },
      required: ['run'],
    },
  };
}
