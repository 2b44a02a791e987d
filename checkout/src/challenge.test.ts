import { describe, expect, test } from "vitest";
import { followChallenge } from "./challenge.ts";

/** The outside of a challenge's page, played by the test. */
function page() {
  const questions: PromiseWithResolvers<boolean>[] = [];
  const waits: number[] = [];
  let due: (() => void) | null = null;
  let backs = 0;
  let hidden = false;
  const follower = followChallenge({
    isOpen: () => {
      const question = Promise.withResolvers<boolean>();
      questions.push(question);
      return question.promise;
    },
    goBack: () => {
      backs += 1;
    },
    later: (ms, then) => {
      waits.push(ms);
      due = then;
      return () => {
        due = null;
      };
    },
    hidden: () => hidden,
  });
  return {
    follower,
    questions,
    waits,
    backs: () => backs,
    waiting: () => due !== null,
    hide: () => {
      hidden = true;
    },
    pass: () => {
      const then = due;
      due = null;
      then?.();
    },
    answer: async (open: boolean) => {
      questions.at(-1)?.resolve(open);
      await settled();
    },
    fail: async () => {
      questions.at(-1)?.reject(new Error("no connection"));
      await settled();
    },
  };
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
}

describe("an open challenge", () => {
  test("is asked after every two seconds, and left once it is over", async () => {
    const { pass, answer, backs, waits, waiting } = page();
    pass();
    await answer(true);
    pass();
    await answer(false);
    expect(waits).toEqual([2_000, 2_000]);
    expect(backs()).toBe(1);
    expect(waiting()).toBe(false);
  });

  test("is asked after ever more slowly while nobody answers, and slowly while hidden", async () => {
    const { pass, answer, fail, waits, hide, backs } = page();
    for (let failures = 0; failures < 5; failures++) {
      pass();
      await fail();
    }
    hide();
    pass();
    await answer(true);
    expect(waits).toEqual([2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 15_000]);
    expect(backs()).toBe(0);
  });

  test("that the customer has answered is the browser's: nothing is asked and nobody is taken back", async () => {
    const { follower, pass, answer, backs, questions } = page();
    pass();
    follower.stop();
    await answer(false);
    follower.refresh();
    expect(backs()).toBe(0);
    expect(questions).toHaveLength(1);
  });

  test("is asked after at once by a page that is looked at again", async () => {
    const { follower, answer, backs, questions } = page();
    follower.refresh();
    follower.refresh();
    expect(questions).toHaveLength(1);
    await answer(false);
    expect(backs()).toBe(1);
  });
});
