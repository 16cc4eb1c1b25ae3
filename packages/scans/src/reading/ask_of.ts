import type { Caller } from '@nmcp/access';
import type { Answer, QuestionInput, QuestionName } from '@nmcp/results';
import type { Task } from '@nmcp/types';
import type { Services } from '../services.ts';

/** Asks a question about a task's findings. */
type AskOf = <Name extends QuestionName>(
  name: Name,
  ...input: undefined extends QuestionInput<Name> ? [] : [input: QuestionInput<Name>]
) => Promise<Answer<Name>>;

/** Questions about a task's findings, in the caller's share of the threads. */
export function askOf(
  { tasks, results }: Pick<Services, 'tasks' | 'results'>,
  task: Task,
  { name: share }: Caller,
  signal: AbortSignal,
): AskOf {
  return (name, ...[input]) =>
    tasks
      .results(task)
      .then((path) => results.ask(name, path, input as QuestionInput<typeof name>, { share, signal })); // absent where it needs none
}
