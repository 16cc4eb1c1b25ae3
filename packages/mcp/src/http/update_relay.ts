import type { TaskFeed } from '@nmcp/tasks';
import type { TaskId } from '@nmcp/types';
import { urisOf } from '../subscriptions.ts';

/** Tells of a change of each address once, however many streams wait for it. */
export class UpdateRelay {
  readonly #feed: TaskFeed;
  readonly #tell: (uri: string) => void;
  readonly #relayed = new Map<string, { streams: number; end: () => void }>();

  constructor(feed: TaskFeed, tell: (uri: string) => void) {
    this.#feed = feed;
    this.#tell = tell;
  }

  /** @returns what says that a stream waits no more */
  wait(uri: string, id: TaskId): () => void {
    const relayed = this.#relayed.get(uri) ?? { streams: 0, end: this.#relay(uri, id) };
    relayed.streams++;
    this.#relayed.set(uri, relayed);
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      if (--relayed.streams > 0) return;
      relayed.end();
      this.#relayed.delete(uri);
    };
  }

  #relay(uri: string, id: TaskId): () => void {
    return this.#feed.listen(id, (task) => {
      if (urisOf(task).includes(uri)) this.#tell(uri);
    });
  }
}
