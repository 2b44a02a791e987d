/** What the conformance suite works with: the processor under test, and calls as the flows make them. */
import { expect } from "vitest";
import type { Instant } from "../base/instant.ts";
import type { Returned } from "../domain/charge.ts";
import type { AccountId, AttemptKey, CustomerId } from "../domain/ids.ts";
import type { Outcome } from "../domain/settlement.ts";
import type {
  AttemptRequest,
  LookUpAnswer,
  Notification,
  NotificationCall,
  Processor,
  SentAttempt,
} from "./processor.ts";

/** A processor against its test environment, and what the suite needs around it. */
export type ProcessorUnderTest = {
  readonly processor: Processor;
  readonly accountId: AccountId;
  /** Another merchant's account, which must see nothing of the first one's attempts. */
  readonly otherAccountId: AccountId;
  readonly newAttemptKey: () => AttemptKey;
  /** A customer of the first account. */
  readonly customerId: CustomerId;
  /** The time by which the platform writes its attempts down. */
  readonly now: () => Instant;
  /** A token of the first account for a fresh card: one that is charged, is declined, or asks its customer to authenticate. */
  readonly saveCard: (kind: "succeeds" | "declined" | "challenge") => Promise<string>;
  /** Does at a challenge's address what the customer does there, and gives the address that this leads back to. */
  readonly answerChallenge: (url: string, answer: "complete" | "fail") => Promise<string>;
  /** The processor's own call, as it comes to the address for all: with this news, or with some that is not for the platform. */
  readonly notify: (news: Notification | "something else") => Promise<NotificationCall>;
  /** The pause between two look-ups of an attempt that is pending. */
  readonly pause: () => Promise<void>;
  readonly close: () => Promise<void>;
};

export type Bench = ProcessorUnderTest & {
  readonly request: (token: string, change?: Partial<AttemptRequest>) => AttemptRequest;
  /** Waits for what is pending. */
  readonly known: (answer: LookUpAnswer, attempt: AttemptRequest) => Promise<Outcome>;
  readonly charge: (attempt: AttemptRequest) => Promise<Outcome>;
  /** `returned`: what the customer brought back. */
  readonly complete: (attempt: AttemptRequest, returned?: Returned) => Promise<Outcome>;
  /** As the flows ask after a lost answer: with what the books say, and no reference of the processor's. */
  readonly sent: (attempt: AttemptRequest, returned?: Returned) => SentAttempt;
  /** As `answerChallenge`, and gives what the customer brings back to the page. */
  readonly passOrFail: (url: string, answer: "complete" | "fail") => Promise<Returned>;
  readonly lookUp: (attempt: AttemptRequest) => Promise<Outcome>;
  /** An attempt whose challenge is open. */
  readonly challenged: () => Promise<{ readonly attempt: AttemptRequest; readonly url: string }>;
};

const LOOK_UPS_MAX = 60;
export const RETURN_URL = "https://pay.test/pay/token?returned=1";

export function benchFor(under: ProcessorUnderTest): Bench {
  const { processor, accountId } = under;
  const bench: Bench = {
    ...under,
    request: (token, change = {}) => ({
      accountId,
      attemptKey: under.newAttemptKey(),
      amount: 8_000n,
      currency: "USD",
      token,
      customer: { customerId: under.customerId, email: "customer@example.com", name: "John Doe" },
      offSession: false,
      saveForLater: true,
      returnUrl: RETURN_URL,
      description: "Order 1",
      ...change,
    }),
    async known(answer, attempt) {
      let latest: LookUpAnswer = answer;
      for (let lookUps = 0; latest.kind === "pending" && lookUps < LOOK_UPS_MAX; lookUps++) {
        await under.pause();
        latest = await processor.lookUp(bench.sent(attempt));
      }
      if (latest.kind === "pending" || latest.kind === "unknown_attempt")
        throw new Error(`Still ${latest.kind}.`);
      return latest;
    },
    charge: async (attempt) => bench.known(await processor.charge(attempt), attempt),
    complete: async (attempt, returned = {}) =>
      bench.known(await processor.complete(bench.sent(attempt, returned)), attempt),
    lookUp: async (attempt) => bench.known(await processor.lookUp(bench.sent(attempt)), attempt),
    sent: (attempt, returned) => ({
      ...attempt,
      processorRef: null,
      writtenAt: under.now(),
      returned: returned ?? null,
    }),
    async passOrFail(url, answer) {
      const back = new URL(await under.answerChallenge(url, answer));
      expect(`${back.origin}${back.pathname}`).toBe(RETURN_URL.split("?")[0]);
      expect(back.searchParams.get("returned")).toBe("1");
      back.searchParams.delete("returned");
      return Object.fromEntries(back.searchParams);
    },
    async challenged() {
      const attempt = bench.request(await under.saveCard("challenge"));
      const outcome = await bench.charge(attempt);
      if (outcome.kind !== "challenge") throw new Error(`Expected a challenge, not ${outcome.kind}.`);
      return { attempt, url: outcome.url };
    },
  };
  return bench;
}
