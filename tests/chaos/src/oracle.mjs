// What must never be, whatever was killed, stopped, lost or asked for.

import { lateCallsOf, markerOf } from './oracle_calls.mjs';
import { transitionsOf } from './oracle_transitions.mjs';
import { SCANNERS } from './settings.mjs';

/** The mark of a scan whose export a scanner can send in place of ours. */
const PLANTED = 'ne_scan_of_somebody_else';

/** The rules, by the names under which they are counted. */
export const RULES = {
  lost: 'tasks lost, or failed though every fault passes',
  stuck: 'tasks that do not end, or are never accepted',
  illegal: 'steps that no task may take',
  keys: 'keys, or retries at once, with several tasks',
  launches: 'tasks launched more than once',
  canceled: 'creates and launches after a cancel was answered',
  lease: 'creates and launches by a worker whose task another one had',
  letters: 'dead letters of tasks that did not fail',
  leftovers: 'scans left after housekeeping',
  results: 'results not complete',
  audit: 'audit logs that do not hold',
  takeover: 'takeovers later than the lease and 2 s',
};

/** @returns `{violations, totals}`; a violation is `{rule, text}` */
export async function judge({ histories, effects, letters, results, audit, left, said, timeline, world }) {
  const violations = [];
  const breach = (rule, text) => violations.push({ rule, text });
  const tasks = new Map(histories.map(({ task }) => [task.task_id, task]));
  const totals = { accepted: tasks.size, completed: 0, failed: 0, canceled: 0, secondScans: 0 };

  if (said.hanging > 0) breach('stuck', `${said.hanging} times nmcp-admin did not end`);
  if (said.unanswered > 0) breach('stuck', `${said.unanswered} submissions were never accepted`);
  for (const { id } of said.submitted) if (!tasks.has(id)) breach('lost', `${id} was accepted, and is gone`);
  for (const { task, versions } of histories) {
    for (const text of transitionsOf(versions)) breach('illegal', text);
    judgeEnd(task);
  }
  for (const [key, ids] of groupBy(said.submitted.filter(({ key }) => key !== undefined)))
    if (ids.size > 1) breach('keys', `${key} made ${[...ids].join(', ')}`);
  for (const { of, ids } of said.retried)
    if (new Set(ids).size > 1) breach('keys', `retries of ${of} made ${ids.join(', ')}`);

  for (const [task, made] of countBy(effects.filter(({ what }) => what === 'created')))
    if (task !== undefined) totals.secondScans += made - 1;
  for (const [task, launched] of countBy(effects.filter(({ what }) => what === 'launched')))
    if (task !== undefined && launched > 1) breach('launches', `${task} was launched ${launched} times`);
  for (const { rule, text } of lateCallsOf({ effects, histories, said, timeline, world })) breach(rule, text);

  for (const id of letters) {
    const task = tasks.get(id);
    if (task && (task.status !== 'failed' || task.failure_reason === 'canceled'))
      breach('letters', `${id} is ${task.status}, ${task.failure_reason}, and has a dead letter`);
  }
  // a scanner that has another name now, or is gone, is asked for nothing; what a habit of the scanner planted is nobody's
  const isAskedFor = ({ description }) =>
    markerOf(description) !== PLANTED &&
    SCANNERS.includes(tasks.get(markerOf(description))?.scanner_instance_id ?? SCANNERS[0]);
  for (const { id, description, status } of left.filter(isAskedFor))
    breach('leftovers', `scan ${id} is still there, ${status}: ${description}`);
  judgeResults();
  if (!audit.valid) breach('audit', `line ${audit.line}: ${audit.why}`);
  return { violations, totals };

  function judgeEnd({ task_id: id, status, approval, failure_reason, error_message, attached }) {
    if (status === 'completed') totals.completed++;
    else if (status === 'queued' && approval?.state === 'pending') return;
    else if (status === 'queued' || status === 'running') breach('stuck', `${id} is ${status}`);
    else if (failure_reason === 'canceled') {
      totals.canceled++;
      if (!said.canceled.some((one) => one.id === id)) breach('illegal', `${id} was canceled by nobody`);
    } else {
      totals.failed++;
      // somebody deleted its scan, or it followed one that was stopped
      if (!said.harmed.has(id) && !attached) breach('lost', `${id} is ${status}: ${error_message}`);
    }
  }

  /** Scans of the same targets find the same. */
  function judgeResults() {
    const most = new Map();
    for (const [id, found] of results) {
      const { targets } = tasks.get(id).payload;
      most.set(targets, Math.max(most.get(targets) ?? 1, found?.findings ?? 0));
    }
    for (const [id, found] of results) {
      const { payload, attached } = tasks.get(id);
      const expected = attached ? 1 : most.get(payload.targets);
      if (!found || found.hosts === 0 || found.findings < expected)
        breach('results', `${id} has ${found?.hosts} hosts and ${found?.findings} of ${expected} findings`);
    }
  }
}

function groupBy(submitted) {
  const groups = new Map();
  for (const { key, id } of submitted) groups.set(key, new Set([...(groups.get(key) ?? []), id]));
  return groups;
}

function countBy(effects) {
  const counts = new Map();
  for (const { description } of effects) {
    const task = markerOf(description);
    counts.set(task, (counts.get(task) ?? 0) + 1);
  }
  return counts;
}
