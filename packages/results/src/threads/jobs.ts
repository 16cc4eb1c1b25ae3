import { constants, setPriority } from 'node:os';
import type { MessagePort } from 'node:worker_threads';
import { readAhead } from '@nmcp/files';
import { FORMATS, queryNessusBytes, readFindings, type ScanValidatorOptions } from '@nmcp/schema';
import { buildIndex } from '../index/build_index.ts';
import { createResultsReader, indexPathOf, type ResultsReader, validateResults } from '../results_reader.ts';
import { type Carried, carry } from './carried_error.ts';
import { sendPieces } from './piece_channel.ts';
import { QUESTIONS, type QuestionName } from './questions.ts';

// on Linux a thread has a priority of its own: what it computes must not slow down the thread that answers everybody
if (process.platform === 'linux') setPriority(constants.priority.PRIORITY_BELOW_NORMAL);

/** Something for a thread to do. */
export type Job =
  | { kind: 'question'; name: QuestionName; path: string; input: unknown }
  | { kind: 'index'; path: string }
  | { kind: 'validation'; path: string; options: ScanValidatorOptions }
  | { kind: 'conversion'; path: string; format: string; port: MessagePort };

/** An index takes longer to build than a question may take, so it is another job. */
class WithoutIndex extends Error {
  readonly path: string;

  constructor(path: string) {
    super(`${path} has no index`);
    this.path = path;
  }
}

let reader: ResultsReader | undefined;

/** Does a job; what it throws is carried to the other thread as a value. */
export default async function doJob(job: Job): Promise<Carried<unknown>> {
  try {
    return { value: await resultOf(job) };
  } catch (error) {
    return error instanceof WithoutIndex ? { withoutIndex: error.path } : { error: carry(error) };
  }
}

async function resultOf(job: Job): Promise<unknown> {
  switch (job.kind) {
    case 'question': {
      reader ??= createResultsReader({
        maxOpen: 3,
        lingerMs: 0, // a thread answers one question at a time
        build: async (path) => Promise.reject(new WithoutIndex(path)),
      });
      const ask = QUESTIONS[job.name] as (reader: ResultsReader, path: string, input: unknown) => unknown; // of that question
      return await ask(reader, job.path, job.input);
    }
    case 'index':
      return void (await buildIndex(job.path, indexPathOf(job.path)));
    case 'validation':
      return await validateResults(job.path, job.options);
    case 'conversion':
      return await sendPieces(job.port, contentOf(job.format, job.path));
  }
}

/** A stored file in a format. */
async function* contentOf(format: string, path: string): AsyncGenerator<string | Uint8Array> {
  const open = (): AsyncIterable<Uint8Array> => readAhead(path, { reuse: true });
  if (format === 'jsonl') yield* queryNessusBytes(open, { profile: 'full', page: 0 });
  else yield* FORMATS[format as keyof typeof FORMATS].exporter(readFindings(open())); // checked by the asker
}
