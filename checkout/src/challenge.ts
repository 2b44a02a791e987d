/**
 * The sandbox's challenge follows its own fate, as the checkout page does: where the challenge is over without the
 * customer having answered it (the merchant cancelled the payment, its time ran out, another tab answered), the customer is
 * taken back to the checkout page, which says what became of the payment and tells the merchant's page around it.
 */

/** The element of the challenge's page that says where to ask, and where to go. */
export const CHALLENGE_ID = "challenge";

/** The world as the challenge's page sees it; tests put their own in its place. */
export interface ChallengeOutside {
  /** Whether the challenge still waits for an answer. Rejects when no usable answer came. */
  readonly isOpen: () => Promise<boolean>;
  readonly goBack: () => void;
  /** Calls back after a while, unless the returned function is called before. */
  readonly later: (ms: number, then: () => void) => () => void;
  readonly hidden: () => boolean;
}

export interface ChallengeFollower {
  /** Asks at once. */
  readonly refresh: () => void;
  /** The customer has answered: the browser is on its way already. */
  readonly stop: () => void;
}

const POLL_MS = 2_000;
const POLL_HIDDEN_MS = 15_000;
/** After failures the wait doubles up to this. */
const POLL_MAX_MS = 30_000;

export function followChallenge(outside: ChallengeOutside): ChallengeFollower {
  let failures = 0;
  let asking = false;
  let stopped = false;
  let stopWaiting = (): void => {};

  const wait = (): void => {
    stopWaiting();
    if (stopped) return;
    const pace = outside.hidden() ? POLL_HIDDEN_MS : POLL_MS;
    stopWaiting = outside.later(Math.min(pace * 2 ** Math.min(failures, 5), POLL_MAX_MS), () => void ask());
  };
  const ask = async (): Promise<void> => {
    if (asking || stopped) return;
    asking = true;
    try {
      const open = await outside.isOpen();
      failures = 0;
      if (!open && !stopped) {
        stopped = true;
        outside.goBack();
      }
    } catch {
      failures += 1;
    } finally {
      asking = false;
    }
    wait();
  };
  wait();
  return {
    refresh: () => {
      stopWaiting();
      void ask();
    },
    stop: () => {
      stopped = true;
      stopWaiting();
    },
  };
}
