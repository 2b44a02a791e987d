/**
 * The way to the sandbox with the faults that a merchant has armed (contract section 6, /test/faults): a charge, or its
 * completion after a challenge, takes the next one of its account. Whatever goes wrong here goes wrong on the way: the
 * sandbox's books are as true as ever, and a look-up tells.
 */
import { PROCESSOR, TEST_FAULTS } from "../../base/limits.ts";
import { pauseUnless } from "../../base/pause.ts";
import type { AccountId } from "../../domain/ids.ts";
import type { ChargeFault } from "../../domain/test-fault.ts";
import type { Link } from "./link.ts";

/** What the platform gets instead of an answer. */
class NoAnswer extends Error {
  override name = "NoAnswer";
}

/**
 * `take` uses up the account's next armed fault, or gives null. `next` is the rest of the way, which every request passes
 * that is sent at all. When `stopping` is aborted, late answers come at once, so that nothing waits for them.
 */
export function rehearseFaults(options: {
  readonly take: (accountId: AccountId) => Promise<ChargeFault | null>;
  readonly next: Link;
  readonly stopping: AbortSignal;
}): Link {
  const { take, next, stopping } = options;
  let lateAnswers = 0;

  const comeLate = async <T>(answer: T): Promise<T> => {
    if (lateAnswers >= TEST_FAULTS.lateAnswers) throw new NoAnswer("Too many answers are late already.");
    lateAnswers++;
    try {
      await pauseUnless(stopping, PROCESSOR.callTimeoutMs + TEST_FAULTS.lateAfterTimeoutMs);
    } finally {
      lateAnswers--;
    }
    return answer;
  };

  return {
    async carry(call, send) {
      const movesMoney = call.method === "charge" || call.method === "complete";
      const fault = movesMoney ? await take(call.accountId) : null;
      const through = () => next.carry(call, send);
      switch (fault) {
        case null:
          return await through();
        case "timeout_before":
          throw new NoAnswer("A rehearsed fault lost the request.");
        case "timeout_after":
          await through();
          throw new NoAnswer("A rehearsed fault lost the answer.");
        case "late":
          return await comeLate(await through());
        case "twice": {
          const [answer] = await Promise.all([through(), through()]);
          return answer;
        }
      }
    },
  };
}
