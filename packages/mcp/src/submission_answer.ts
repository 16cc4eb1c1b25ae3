import type { SubmittedScan } from '@nmcp/scans';
import type { SubmitScanOutput } from '@nmcp/types';
import { AnswerOrQuestion } from './tool.ts';

/** What run_untrusted_scan and run_authenticated_scan answer, or a question if a person may decide. */
export function answerOf(submitted: SubmittedScan): SubmitScanOutput | AnswerOrQuestion {
  const answer = submissionAnswer(submitted);
  return submitted.question ? new AnswerOrQuestion(answer, submitted.question) : answer;
}

/** A submission as clients see it. */
export function submissionAnswer(submitted: SubmittedScan): SubmitScanOutput {
  const { task, outcome, scanner_instance, scanner_url, queue_position, estimated_wait_minutes } = submitted;
  const { task_id, trace_id, status, scan_type, scanner_pool, approval } = task;
  return {
    ...{ task_id, trace_id, status, scan_type, scanner_pool },
    ...{ scanner_instance, scanner_url, queue_position, estimated_wait_minutes },
    ...(approval && outcome !== 'repeat' ? { approval: approval.state } : {}),
    message: messageOf(submitted),
    ...(outcome === 'repeat' ? { idempotent: true } : {}),
  };
}

function messageOf(submitted: SubmittedScan): string {
  const { loading, waits } = submitted;
  if (waits)
    return `Scan queued, but nothing runs it now. ${waits.join(' ')} Tell the user; it begins by itself when that is mended, and wait_for_scan waits for it. Do not submit it again.`;
  if (!loading) return outcomeText(submitted);
  const named = loading.map(({ instance_id, progress }) =>
    progress === undefined ? instance_id : `${instance_id} (${Math.round(progress)} %)`,
  );
  return `${outcomeText(submitted)} The scanner is starting or compiles its plugins, which can take half an hour: ${named.join(', ')}. The scan begins when it is ready; do not submit it again.`;
}

function outcomeText({ outcome, task, queue_position }: SubmittedScan): string {
  switch (outcome) {
    case 'queued':
      if (queue_position === null)
        return 'Scan accepted; the queue did not answer just now, and gets it within minutes. Wait for it with wait_for_scan.';
      return 'Scan queued. Wait for it with wait_for_scan; when it is completed, read it with get_scan_summary.';
    case 'approval':
      return `The scan is waiting for approval: ${task.approval?.reason}. Tell the user to run: nmcp-admin approve ${task.task_id}. Wait for it with wait_for_scan.`;
    case 'refused':
      return 'The user refused the scan, so it will not run. Do not submit it again.';
    case 'repeat':
      return `An earlier call with this idempotency key created this task: it is ${task.status}.`;
  }
}
