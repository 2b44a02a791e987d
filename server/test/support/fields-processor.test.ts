import { randomBytes } from "node:crypto";
import { type Instant, instantFromMs } from "../../src/base/instant.ts";
import { newAccountId, newAttemptKey, newCustomerId } from "../../src/domain/ids.ts";
import { describeProcessor } from "../../src/processors/conformance.ts";
import { openFieldsProcessor } from "./fields-processor.ts";

describeProcessor("the processor with fields of its own", async () => {
  const now: Instant = instantFromMs(Date.UTC(2026, 5, 15, 12));
  const ids = { at: now, random: randomBytes };
  const processor = await openFieldsProcessor();
  const accountId = newAccountId(ids);
  return {
    processor,
    accountId,
    otherAccountId: newAccountId(ids),
    newAttemptKey: () => newAttemptKey(ids),
    customerId: newCustomerId(ids),
    now: () => now,
    saveCard: async (kind) => processor.newToken(accountId, kind),
    answerChallenge: processor.answer,
    notify: async (news) => processor.notify(accountId, news),
    pause: async () => undefined,
    close: processor.close,
  };
});
