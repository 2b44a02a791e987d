/**
 * The sandbox's own counter for customers: the challenge page, where 3-D Secure would ask for a code and the sandbox
 * has the buttons "Complete" and "Fail" (contract section 3). An answer moves no money; `Processor.complete` does.
 */
import * as books from "./books.ts";
import type { Outbox } from "./outbox.ts";
import type { Desk } from "./payments.ts";
import { accountInPaymentRef } from "./references.ts";

export type ChallengeView =
  | {
      readonly state: "open";
      readonly merchantDescription: string;
      /** Minor units. */
      readonly amount: bigint;
      readonly currency: string;
      readonly last4: string;
      readonly returnUrl: string;
    }
  | { readonly state: "answered"; readonly returnUrl: string };

export interface ChallengeDesk {
  /** By the last part of the challenge's address; null: there is no such challenge. `answered`: or given up. */
  find(id: string): Promise<ChallengeView | null>;
  /**
   * The customer's answer, of which the first counts; later ones, and one to a challenge that was given up, change
   * nothing and lead back all the same. Null: there is no such challenge.
   */
  answer(id: string, answer: "complete" | "fail"): Promise<{ readonly returnUrl: string } | null>;
}

export function openChallengeDesk(desk: Desk, outbox: Outbox): ChallengeDesk {
  const look = async (id: string) => {
    const accountId = accountInPaymentRef(id);
    return accountId === undefined ? null : books.findChallenge(desk.db, accountId, id);
  };
  return {
    async find(id) {
      const challenge = await look(id);
      if (!challenge) return null;
      const { payment, returnUrl, last4 } = challenge;
      if (payment.state.status !== "challenge_open") return { state: "answered", returnUrl };
      const { amount, currency, description } = payment;
      return { state: "open", merchantDescription: description, amount, currency, last4, returnUrl };
    },
    async answer(id, answer) {
      const challenge = await look(id);
      if (!challenge) return null;
      const to =
        answer === "complete"
          ? ({ status: "challenge_passed" } as const)
          : ({ status: "declined", reason: "authentication_failed" } as const);
      const { payment } = challenge;
      const isFirst = await books.moveOn(desk.db, payment, ["challenge_open"], to, desk.world.now());
      const { accountId, attemptKey } = payment;
      // Most customers are back in a moment, and then there is nothing to tell.
      if (isFirst) outbox.changed({ accountId, about: { kind: "attempt", attemptKey } }, "by_the_customer");
      return { returnUrl: challenge.returnUrl };
    },
  };
}
