/** The test clock: GET /api/platform/test/clock and POST …/advance (contract section 6). */
import { validate } from "@mintro/contract/laravel-rules";
import { OPERATIONS } from "@mintro/contract/operations/all";
import type { FastifyInstance } from "fastify";
import { formatInstant, instantFromMicros } from "../base/instant.ts";
import { accountNow } from "../domain/account.ts";
import { type AdvanceCommand, advance } from "../flows/clock/advance.ts";
import type { Platform } from "../flows/platform.ts";
import { findAccount } from "../store/accounts.ts";
import { type Answer, commandAnswer, failureAnswer, success, successBody } from "./answer.ts";
import { presentAdvancedClock, presentClock } from "./present.ts";
import { type ApiRequest, addRoute } from "./request.ts";

export function clockRoutes(app: FastifyInstance, platform: Platform): void {
  addRoute(app, platform, OPERATIONS.getClock, async ({ books }) => {
    if (books.account.mode !== "test") return failureAnswer({ kind: "clock_not_in_live_mode" });
    const account = await findAccount(platform.db, books.account.accountId);
    const now = accountNow((account ?? books.account).clock, platform.world.now());
    return success(presentClock(formatInstant(now)));
  });
  addRoute(app, platform, OPERATIONS.advanceClock, (request) => advanceClock(platform, request));
}

async function advanceClock(platform: Platform, { books, body, keyed }: ApiRequest): Promise<Answer> {
  const read = validate(OPERATIONS.advanceClock.body, body);
  if (!read.ok) return failureAnswer({ kind: "invalid", errors: read.errors });
  const to = target(read.value);
  if (!to) {
    const text = "Give either seconds or to.";
    return failureAnswer({ kind: "invalid", errors: { seconds: [text], to: [text] } });
  }
  const present: AdvanceCommand["present"] = (now, done) =>
    successBody(presentAdvancedClock(formatInstant(now), done));
  return commandAnswer(
    await advance(platform, books, { to, skip: read.value.skip ?? false, keyed, present }),
  );
}

/** Undefined where neither or both are given. */
function target(given: { seconds: number | null; to: bigint | null }): AdvanceCommand["to"] | undefined {
  if (given.seconds !== null && given.to === null) return { seconds: BigInt(given.seconds) };
  if (given.seconds === null && given.to !== null) return { instant: instantFromMicros(given.to) };
  return undefined;
}
