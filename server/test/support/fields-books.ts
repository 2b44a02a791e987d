/** The books of the processor with fields of its own, in memory: its vault, its payments, its refunds. */
import { randomBytes } from "node:crypto";
import type { DeclineReason } from "@mintro/contract/checkout";
import type { AccountId, AttemptKey, CustomerId } from "../../src/domain/ids.ts";
import type {
  AttemptAnswer,
  AttemptRef,
  AttemptRequest,
  LookUpAnswer,
  RefundAnswer,
  RefundRequest,
  SentAttempt,
} from "../../src/processors/processor.ts";

/** What a token does when it is charged; `decides_later`: taken, and settled by `decide`. */
export type FieldsKind = "succeeds" | "declined" | "challenge" | "decides_later" | "wallet";

type Vaulted = {
  readonly accountId: AccountId;
  readonly kind: FieldsKind;
  /** Null: it serves once, and then belongs to the attempt that used it. */
  readonly storedFor: CustomerId | null;
  usedBy: AttemptKey | null;
};

type State =
  | { readonly status: "succeeded"; readonly stored: string | null }
  | { readonly status: "declined"; readonly reason: DeclineReason }
  | { readonly status: "undecided" }
  /** `result`: what the customer was given there. */
  | { readonly status: "challenge" | "passed" | "refused"; readonly result: string };
type Payment = { readonly request: AttemptRequest; readonly ref: string; refunded: bigint; state: State };
type Refund = { readonly request: RefundRequest; readonly ref: string; answer: RefundAnswer };

export class FieldsBooks {
  /** Where customers answer challenges. */
  challengesAt = "";
  /** Refunds are taken, and decided by `decideRefund`. */
  refundsTakeTime = false;
  readonly #vault = new Map<string, Vaulted>();
  readonly #payments = new Map<string, Payment>();
  readonly #refunds = new Map<string, Refund>();

  newToken(accountId: AccountId, kind: FieldsKind): string {
    return this.#keep({ accountId, kind, storedFor: null, usedBy: null });
  }

  kindOf(accountId: AccountId, token: string): FieldsKind | null {
    const method = this.#vault.get(token);
    return method?.accountId === accountId ? method.kind : null;
  }

  charge(request: AttemptRequest): AttemptAnswer {
    const { accountId, attemptKey, token, amount, currency } = request;
    const earlier = this.#payments.get(fileKey(accountId, attemptKey));
    if (earlier) {
      const is = earlier.request;
      if (is.amount !== amount || is.currency !== currency || is.token !== token)
        throw new Error("This key was used for another payment.");
      return this.#answer(earlier);
    }
    const kind = this.#use(request);
    const payment = { request, ref: newRef("pay"), refunded: 0n, state: this.#verdict(request, kind) };
    this.#payments.set(fileKey(accountId, attemptKey), payment);
    return this.#answer(payment);
  }

  /** Without what the customer was given there, nobody can tell how it went. */
  complete(attempt: SentAttempt): AttemptAnswer {
    const payment = this.#mustFind(attempt);
    const { state, request } = payment;
    if (state.status !== "passed" && state.status !== "refused") return this.#answer(payment);
    if (attempt.returned?.["redirectResult"] !== state.result) return this.#answer(payment);
    payment.state =
      state.status === "passed"
        ? this.#success(request, "challenge")
        : { status: "declined", reason: "authentication_failed" };
    return this.#answer(payment);
  }

  lookUp({ accountId, attemptKey }: AttemptRef): LookUpAnswer {
    const payment = this.#payments.get(fileKey(accountId, attemptKey));
    return payment ? this.#answer(payment) : { kind: "unknown_attempt" };
  }

  abandon({ accountId, attemptKey }: AttemptRef): void {
    const payment = this.#payments.get(fileKey(accountId, attemptKey));
    if (payment && "result" in payment.state)
      payment.state = { status: "declined", reason: "authentication_abandoned" };
  }

  refund(request: RefundRequest): RefundAnswer {
    const key = fileKey(request.accountId, request.refundKey);
    const earlier = this.#refunds.get(key);
    if (earlier) {
      if (earlier.request.amount !== request.amount) throw new Error("This key was used for another refund.");
      return earlier.answer;
    }
    const payment = this.#mustFind(request);
    const ref = newRef("ref");
    const isLeft =
      payment.state.status === "succeeded" && payment.refunded + request.amount <= payment.request.amount;
    if (isLeft) payment.refunded += request.amount;
    const answer: RefundAnswer = isLeft
      ? { kind: this.refundsTakeTime ? "pending" : "succeeded", processorRef: ref }
      : { kind: "failed", reason: "Nothing is left." };
    this.#refunds.set(key, { request, ref, answer });
    return answer;
  }

  /** Here a refund that was taken is found by its own reference alone. */
  lookUpRefund(request: RefundRequest): RefundAnswer | { readonly kind: "unknown_refund" } {
    const found = this.#refunds.get(fileKey(request.accountId, request.refundKey));
    if (found?.answer.kind === "pending" && request.refundRef !== found.ref)
      throw new Error("A refund under way is asked for by its reference.");
    return found?.answer ?? { kind: "unknown_refund" };
  }

  decide(attemptKey: AttemptKey, outcome: "succeeded" | "declined"): void {
    const payment = [...this.#payments.values()].find(({ request }) => request.attemptKey === attemptKey);
    if (payment?.state.status !== "undecided") throw new Error("It is not undecided.");
    payment.state = this.#verdict(payment.request, outcome === "succeeded" ? "succeeds" : "declined");
  }

  decideRefund(refundKey: string, outcome: "succeeded" | "failed"): void {
    const found = [...this.#refunds.values()].find(({ request }) => request.refundKey === refundKey);
    if (found?.answer.kind !== "pending") throw new Error("It is not under way.");
    found.answer =
      outcome === "succeeded"
        ? { kind: "succeeded", processorRef: found.ref }
        : { kind: "failed", reason: "The account is closed." };
  }

  /** Whether a customer may still answer the challenge of this reference. */
  isOpen(ref: string): boolean {
    return this.#byRef(ref)?.state.status === "challenge";
  }

  /** The customer's answer; gives the address that this leads back to, or null where the challenge is over. */
  answerChallenge(ref: string, answer: "complete" | "fail"): string | null {
    const payment = this.#byRef(ref);
    if (payment?.state.status !== "challenge" || payment.request.returnUrl === null) return null;
    const result = newRef("res");
    payment.state = { status: answer === "complete" ? "passed" : "refused", result };
    return `${payment.request.returnUrl}&redirectResult=${result}`;
  }

  #keep(entry: Vaulted): string {
    const token = newRef(entry.storedFor ? "stored" : "once");
    this.#vault.set(token, entry);
    return token;
  }

  #use({ accountId, attemptKey, token, customer }: AttemptRequest): FieldsKind {
    const method = this.#vault.get(token);
    if (method?.accountId !== accountId) throw new Error("There is no such token.");
    if (method.usedBy !== null) throw new Error("This token has served.");
    if (method.storedFor !== null && method.storedFor !== customer.customerId)
      throw new Error("This token is another customer's.");
    if (method.storedFor === null) method.usedBy = attemptKey;
    return method.kind;
  }

  #verdict(request: AttemptRequest, kind: FieldsKind): State {
    switch (kind) {
      case "declined":
        return { status: "declined", reason: "insufficient_funds" };
      case "decides_later":
        return { status: "undecided" };
      case "challenge":
        return request.offSession ? this.#success(request, kind) : { status: "challenge", result: "" };
      case "succeeds":
      case "wallet":
        return this.#success(request, kind);
    }
  }

  /** The method stays with the customer under another token, where it will be charged again. */
  #success({ accountId, saveForLater, customer }: AttemptRequest, kind: FieldsKind): State {
    const stored = { accountId, kind, storedFor: customer.customerId, usedBy: null };
    return { status: "succeeded", stored: saveForLater ? this.#keep(stored) : null };
  }

  #answer({ ref, state }: Payment): AttemptAnswer {
    switch (state.status) {
      case "succeeded":
        return { kind: "succeeded", processorRef: ref, ...(state.stored && { token: state.stored }) };
      case "declined":
        return { kind: "declined", reason: state.reason, processorRef: ref };
      case "undecided":
        return { kind: "pending", processorRef: ref };
      case "challenge":
      case "passed":
      case "refused":
        return { kind: "challenge", processorRef: ref, url: `${this.challengesAt}/authorize/${ref}` };
    }
  }

  #mustFind({ accountId, attemptKey }: Pick<AttemptRef, "accountId" | "attemptKey">): Payment {
    const payment = this.#payments.get(fileKey(accountId, attemptKey));
    if (!payment) throw new Error("There is no such payment.");
    return payment;
  }

  #byRef(ref: string): Payment | undefined {
    return [...this.#payments.values()].find((payment) => payment.ref === ref);
  }
}

function fileKey(accountId: AccountId, key: string): string {
  return `${accountId}/${key}`;
}

function newRef(kind: "pay" | "ref" | "res" | "once" | "stored"): string {
  return `${kind}_${randomBytes(9).toString("base64url")}`;
}
