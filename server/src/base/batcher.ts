/**
 * Calls that arrive together share one run: while a run for a key is under way, later calls for it gather, and go
 * together into the next. An idle key runs at once, so a lone call waits for nobody. One statement, one commit, many requests.
 */
import { assert } from "./assert.ts";

/** More calls wait for a key than its queue holds; trying again in a moment may help. */
export class QueueFull extends Error {
  override name = "QueueFull";
}

/** What a run answers for an item that it could not settle: the item goes into the next run, before those that came after it. */
export const LATER: unique symbol = Symbol("later");

export type Batcher<Key, Item, Answer> = { readonly add: (key: Key, item: Item) => Promise<Answer> };

type Waiting<Item, Answer> = {
  readonly item: Item;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
};
type Queue<Item, Answer> = { readonly waiting: Waiting<Item, Answer>[]; running: number };

/**
 * `run` answers each item at its own index, or puts it off with LATER; that this comes to an end is the run's to see to.
 * Where a run of several throws and `leftNothing` says that it had no effect, each item is run once more alone, so that one
 * bad item cannot fail its neighbours.
 */
export function createBatcher<Key, Item, Answer>(options: {
  run: (key: Key, items: readonly Item[]) => Promise<readonly (Answer | typeof LATER)[]>;
  leftNothing: (error: unknown) => boolean;
  size: number;
  concurrency: number;
  waiting: number;
}): Batcher<Key, Item, Answer> {
  const queues = new Map<Key, Queue<Item, Answer>>();

  /** Settles the batch, and gives back those that the run has put off. Never rejects. */
  async function runBatch(
    key: Key,
    batch: readonly Waiting<Item, Answer>[],
  ): Promise<Waiting<Item, Answer>[]> {
    const later: Waiting<Item, Answer>[] = [];
    try {
      const answers = await options.run(
        key,
        batch.map((waiting) => waiting.item),
      );
      assert(answers.length === batch.length, "a batch answers each of its items");
      for (const [index, waiting] of batch.entries()) {
        const answer = answers[index] as Answer | typeof LATER;
        if (answer === LATER) later.push(waiting);
        else waiting.resolve(answer);
      }
    } catch (error) {
      if (batch.length > 1 && options.leftNothing(error)) {
        for (const waiting of batch) later.push(...(await runBatch(key, [waiting])));
      } else {
        for (const waiting of batch) waiting.reject(error);
      }
    }
    return later;
  }

  function pump(key: Key, queue: Queue<Item, Answer>): void {
    while (queue.running < options.concurrency && queue.waiting.length > 0) {
      const batch = queue.waiting.splice(0, options.size);
      queue.running++;
      void runBatch(key, batch).then((later) => {
        queue.running--;
        queue.waiting.unshift(...later); // beyond `waiting` too: they were taken when they came
        if (queue.running === 0 && queue.waiting.length === 0) queues.delete(key);
        else pump(key, queue);
      });
    }
  }

  return {
    add(key, item) {
      const queue = queues.get(key) ?? { waiting: [], running: 0 };
      queues.set(key, queue);
      if (queue.waiting.length >= options.waiting)
        return Promise.reject(new QueueFull("Too many requests are waiting."));
      return new Promise((resolve, reject) => {
        queue.waiting.push({ item, resolve, reject });
        // At the end of this turn, so that requests of one read from the network go together.
        setImmediate(() => pump(key, queue));
      });
    },
  };
}
