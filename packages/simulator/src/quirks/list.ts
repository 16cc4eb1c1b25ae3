import { ANSWER_QUIRKS } from './answers.ts';
import { CREATE_QUIRKS } from './creating.ts';
import { EXPORT_QUIRKS } from './exports.ts';
import { NAMESAKE_QUIRKS } from './namesakes.ts';
import { POLL_QUIRKS } from './polls.ts';
import type { Quirk } from './quirk.ts';
import { RUN_QUIRKS } from './runs.ts';
import { SERVER_QUIRKS } from './server.ts';

/** All quirks. */
export const QUIRKS: readonly Quirk[] = [
  ...ANSWER_QUIRKS,
  ...SERVER_QUIRKS,
  ...CREATE_QUIRKS,
  ...NAMESAKE_QUIRKS,
  ...RUN_QUIRKS,
  ...POLL_QUIRKS,
  ...EXPORT_QUIRKS,
];
