/**
 * Whether a doubled event has its effect once cannot be seen from outside, unless the receiver's owner lends an address whose
 * answer changes with each event that was worked through: a count of orders shipped, of rows in the inbox.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { WebhookSecret } from "@mintro/server/domain/webhook-signature";
import { madeUpEvent } from "./doctor-events.ts";
import { signed } from "./doctor-messages.ts";
import type { Probe } from "./doctor-receiver.ts";
import { type Finding, ok } from "./finding.ts";
import { oneLine, shortTime } from "./output.ts";

const LOOK_EVERY_MS = 100;
/** How long the effect of the first event may take. */
const EFFECT_WITHIN_MS = 5_000;
/** A second effect is waited for as long as the first one took, and this much longer. */
const MARGIN_MS = 1_000;

const CHECK = "once";
const ONCE =
  "Keep each event under its id as primary key, in the same transaction as its effect, and do nothing where the id is there already.";

export async function* examineOnce(
  probe: Probe,
  options: { readonly secret: WebhookSecret; readonly lookAt: string; readonly type: string },
): AsyncIterable<Finding> {
  const { secret, lookAt, type } = options;
  const send = (event: ReturnType<typeof madeUpEvent>) => probe.post(signed(event, secret));
  const before = await look(lookAt);
  await sleep(MARGIN_MS);
  const did = `A made-up ${type} twice, looking at ${lookAt}`;
  const cannotTell = (saw: string): Finding => ({
    check: CHECK,
    result: "unknown",
    did,
    saw,
    todo: "Give an address that answers with a number, which grows with each event that was worked through and stays otherwise.",
  });
  if (before.status !== 200) return yield cannotTell(`it answered ${before.status ?? "nothing"}`);
  if ((await look(lookAt)).text !== before.text)
    return yield cannotTell("its answer changes without any event");

  const event = madeUpEvent(type);
  const startedAt = performance.now();
  await send(event);
  const first = await lookUntil(lookAt, (text) => text !== before.text, EFFECT_WITHIN_MS);
  if (first === null)
    return yield cannotTell(
      `its answer did not change within ${shortTime(EFFECT_WITHIN_MS)} of the first event`,
    );
  const patienceMs = performance.now() - startedAt + MARGIN_MS;

  await send(event);
  const second = await lookUntil(lookAt, (text) => text !== first, patienceMs);
  if (second !== null)
    return yield {
      check: CHECK,
      result: "wrong",
      did,
      saw: `its answer changed with the second one too, from ${oneLine(first, 60)} to ${oneLine(second, 60)}`,
      todo: ONCE,
    };
  yield ok(CHECK, did, "its answer changed with the first one alone");
  yield await examineRace({ ...options, send, before: before.text, after: first, patienceMs });
}

/** Two copies at the same moment, which a look-up before the work does not tell apart. */
async function examineRace(given: {
  readonly lookAt: string;
  readonly type: string;
  readonly send: (event: ReturnType<typeof madeUpEvent>) => Promise<unknown>;
  readonly before: string;
  readonly after: string;
  readonly patienceMs: number;
}): Promise<Finding> {
  const { lookAt, type, send, patienceMs } = given;
  const check = "once-at-the-same-moment";
  const did = `Another ${type} twice at the same moment, looking at ${lookAt}`;
  const [before, after] = [numberIn(given.before), numberIn(given.after)];
  if (before === null || after === null)
    return {
      check,
      result: "unknown",
      did,
      saw: "its answer holds no single whole number, so one effect and two look alike",
      todo: "Give an address that answers with a number.",
    };
  const expected = after + (after - before);
  const event = madeUpEvent(type);
  await Promise.all([send(event), send(event)]);
  const settled = await lookUntil(
    lookAt,
    (text) => text !== given.after && numberIn(text) !== expected,
    patienceMs,
  );
  const now = numberIn(settled ?? (await look(lookAt)).text);
  if (now === expected) return ok(check, did, `it counted one, from ${after} to ${now}`);
  return {
    check,
    result: "wrong",
    did,
    saw: `it went from ${after} to ${now ?? "something else"}, not to ${expected}`,
    todo: ONCE,
  };
}

function numberIn(text: string): number | null {
  const numbers = text.match(/-?\d+(?:\.\d+)?/g) ?? [];
  const number = Number(numbers[0]);
  return numbers.length === 1 && Number.isSafeInteger(number) ? number : null;
}

async function look(url: string): Promise<{ status: number | null; text: string }> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(EFFECT_WITHIN_MS) });
    return { status: answer.status, text: await answer.text() };
  } catch {
    return { status: null, text: "" };
  }
}

/** The first answer that is `wanted`; null where there is none in time. */
async function lookUntil(
  url: string,
  wanted: (text: string) => boolean,
  withinMs: number,
): Promise<string | null> {
  const giveUpAt = performance.now() + withinMs;
  for (;;) {
    const { status, text } = await look(url);
    if (status === 200 && wanted(text)) return text;
    if (performance.now() > giveUpAt) return null;
    await sleep(LOOK_EVERY_MS);
  }
}
