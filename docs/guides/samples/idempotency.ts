/** What the guide to idempotency shows: keys that outlive a crash, and what to do where no answer came. */
import { type Mintro, MintroError } from "@mintro/sdk";

/** A row of the shop's own table. Its id was made and stored before anything was sent. */
export type RefundJob = {
  readonly id: string;
  readonly intentId: string;
  readonly amount: string;
};

export async function runRefundJob(
  mintro: Mintro,
  job: RefundJob,
): Promise<"asked" | "later" | "refused"> {
  try {
    await mintro.refunds.create(
      job.intentId,
      { amount: job.amount },
      { idempotencyKey: job.id },
    );
    return "asked";
  } catch (error) {
    if (!(error instanceof MintroError)) throw error;
    // It may have happened: run the same job again, with the same key.
    if (error.retryable) return "later";
    return "refused"; // it has not happened, and the message says why
  }
}
