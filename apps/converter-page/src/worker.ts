import { LoadedFiles } from './loaded_files.ts';
import type { Answer, Question } from './messages.ts';

/** What is used of a worker's global scope, which has no types beside those of a page. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<Question>) => void) | null;
  postMessage(answer: Answer): void;
}

const scope = globalThis as unknown as WorkerScope;
let loaded: LoadedFiles | undefined;
let told = 0;

scope.onmessage = ({ data }) => {
  answer(data).catch((error: unknown) => {
    scope.postMessage({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
  });
};

async function answer(question: Question): Promise<void> {
  if (question.kind === 'read') {
    told = 0;
    loaded = await LoadedFiles.read(question.files, tellProgress);
    scope.postMessage({ kind: 'summary', summary: loaded.summary });
  } else if (loaded && question.kind === 'rows') {
    scope.postMessage({ kind: 'rows', ...loaded.rows(question.filter) });
  } else if (loaded && question.kind === 'save') {
    scope.postMessage({ kind: 'saved', ...(await loaded.save(question.format, question.filter)) });
  }
}

/** In steps of a hundredth. */
function tellProgress(share: number): void {
  if (share - told < 0.01) return;
  told = share;
  scope.postMessage({ kind: 'progress', share });
}
