/**
 * The vocabulary that every part of Nessus MCP shares. No I/O, web standards only.
 *
 * @module
 */
export * from './cannot_listen.ts';
export * from './clock.ts';
export * from './core.ts';
export * from './explain_issues.ts';
export * from './filter.ts';
export * from './pool_name.ts';
export * from './queue_entry.ts';
export { fromTaskFile } from './read_v3_task_file.ts';
export * from './redact_payload.ts';
export * from './scan_request.ts';
export * from './scan_run_facts.ts';
export * from './scan_state.ts';
export * from './scanner.ts';
export * from './task.ts';
export * from './task_id.ts';
export * from './tool_inputs/mod.ts';
export * from './tool_outputs.ts';
export * from './toolset.ts';
export * from './use.ts';
export * from './v3_task_file.ts';
