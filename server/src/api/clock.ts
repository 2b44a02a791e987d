/** The test clock: GET /api/platform/test/clock and POST …/advance (contract section 6). */
import { boolean, integer } from "@mintro/contract/laravel-kinds";
import { optional, validate } from "@mintro/contract/laravel-rules";
import type { FastifyInstance } from "fastify";
import { formatInstant, type Instant } from "../base/instant.ts";
import { CLOCK_ADVANCE } from "../base/limits.ts";
import { accountNow } from "../domain/account.ts";
import { type AdvanceCommand, advance } from "../flows/clock/advance.ts";
import type { Platform } from "../flows/platform.ts";
import { findAccount } from "../store/accounts.ts";
import { type Answer, commandAnswer, failureAnswer, success, successBody } from "./answer.ts";
import { instant } from "./fields.ts";
import { presentClock } from "./present.ts";
import { type ApiRequest, addRoute } from "./request.ts";

const fields = {
  seconds: optional(integer({ min: 0, max: CLOCK_ADVANCE.furthestDays * 86_400 })),
  to: optional(instant),
  skip: optional(boolean()),
};

export function clockRoutes(app: FastifyInstance, platform: Platform): void {
  addRoute(app, platform, {
    method: "GET",
    path: "/test/clock",
    permission: "test:write",
    async handle({ books }) {
      if (books.account.mode !== "test") return failureAnswer({ kind: "clock_not_in_live_mode" });
      const account = await findAccount(platform.db, books.account.accountId);
      const now = accountNow((account ?? books.account).clock, platform.world.now());
      return success(presentClock(formatInstant(now)));
    },
  });
  addRoute(app, platform, {
    method: "POST",
    path: "/test/clock/advance",
    permission: "test:write",
    handle: (request) => advanceClock(platform, request),
  });
}

async function advanceClock(platform: Platform, { books, body, keyed }: ApiRequest): Promise<Answer> {
  const read = validate(fields, body);
  if (!read.ok) return failureAnswer({ kind: "invalid", errors: read.errors });
  const to = target(read.value);
  if (!to) {
    const text = "Give either seconds or to.";
    return failureAnswer({ kind: "invalid", errors: { seconds: [text], to: [text] } });
  }
  const present: AdvanceCommand["present"] = (now, done) =>
    successBody(presentClock(formatInstant(now), done));
  return commandAnswer(
    await advance(platform, books, { to, skip: read.value.skip ?? false, keyed, present }),
  );
}

/** Undefined where neither or both are given. */
function target(given: { seconds: number | null; to: Instant | null }): AdvanceCommand["to"] | undefined {
  if (given.seconds !== null && given.to === null) return { seconds: BigInt(given.seconds) };
  if (given.seconds === null && given.to !== null) return { instant: given.to };
  return undefined;
}
