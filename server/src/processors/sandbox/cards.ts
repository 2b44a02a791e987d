/**
 * The test cards that everyone knows (contract section 3), and what each does to a payment. Only a behaviour's name is
 * kept of a card; every rule that follows from it is decided here, without looking at anything else.
 */
import type { DeclineReason } from "@mintro/contract/checkout";

type Rule = {
  /** When the customer is asked to authenticate. `first`: while no payment has succeeded on the saved card. */
  readonly challenge: "never" | "first" | "always";
  readonly outcome: "succeeds" | "succeeds_once" | DeclineReason;
};

const declines = <R extends DeclineReason>(reason: R) => ({ challenge: "never", outcome: reason }) as const;

const RULES = {
  succeeds: { challenge: "never", outcome: "succeeds" },
  succeeds_once: { challenge: "never", outcome: "succeeds_once" },
  challenge_then_succeeds: { challenge: "always", outcome: "succeeds" },
  challenge_then_declines: { challenge: "always", outcome: "generic_decline" },
  challenge_at_first: { challenge: "first", outcome: "succeeds" },
  generic_decline: declines("generic_decline"),
  insufficient_funds: declines("insufficient_funds"),
  lost_card: declines("lost_card"),
  stolen_card: declines("stolen_card"),
  expired_card: declines("expired_card"),
  incorrect_cvc: declines("incorrect_cvc"),
  processing_error: declines("processing_error"),
} as const satisfies Record<string, Rule>;

export type Behaviour = keyof typeof RULES;
export type TestCard = { readonly brand: "visa" | "mastercard" | "amex"; readonly behaviour: Behaviour };

const visa = (behaviour: Behaviour): TestCard => ({ brand: "visa", behaviour });

const TEST_CARDS: ReadonlyMap<string, TestCard> = new Map([
  ["4242424242424242", visa("succeeds")],
  ["5555555555554444", { brand: "mastercard", behaviour: "succeeds" }],
  ["378282246310005", { brand: "amex", behaviour: "succeeds" }],
  ["4000000000000002", visa("generic_decline")],
  ["4000000000009995", visa("insufficient_funds")],
  ["4000000000009987", visa("lost_card")],
  ["4000000000009979", visa("stolen_card")],
  ["4000000000000069", visa("expired_card")],
  ["4000000000000127", visa("incorrect_cvc")],
  ["4000000000000119", visa("processing_error")],
  ["4000000000000341", visa("succeeds_once")],
  ["4000000000003220", visa("challenge_then_succeeds")],
  ["4000008400001629", visa("challenge_then_declines")],
  ["4000002500003155", visa("challenge_at_first")],
]);

/** By its bare digits; undefined for every number that is not in the table, however real. */
export function findTestCard(digits: string): TestCard | undefined {
  return TEST_CARDS.get(digits);
}

export type Verdict =
  | { readonly status: "succeeded" }
  | { readonly status: "declined"; readonly reason: DeclineReason };

/** What a saved card does when it is charged. `successes` counts the payments that have succeeded on it. */
export function judgeCharge(
  card: { readonly behaviour: Behaviour; readonly successes: number },
  offSession: boolean,
): Verdict | { readonly status: "challenge_open" } {
  const { challenge }: Rule = RULES[card.behaviour];
  if (challenge === "always") {
    return offSession
      ? { status: "declined", reason: "authentication_required" }
      : { status: "challenge_open" };
  }
  if (challenge === "first" && !offSession && card.successes === 0) return { status: "challenge_open" };
  return judgeMoney(card);
}

/** What follows once nobody need authenticate any more. */
export function judgeMoney(card: { readonly behaviour: Behaviour; readonly successes: number }): Verdict {
  const { outcome }: Rule = RULES[card.behaviour];
  if (outcome === "succeeds" || (outcome === "succeeds_once" && card.successes === 0))
    return { status: "succeeded" };
  return { status: "declined", reason: outcome === "succeeds_once" ? "generic_decline" : outcome };
}
