/**
 * The doctor looks at a receiver of webhooks from outside, as an attacker and as the platform would: with right events that
 * it must take, and wrong ones that it must refuse. What cannot be seen from outside is said to be so.
 */
import type { WebhookSecret } from "@mintro/server/domain/webhook-signature";
import type { SendOutcome } from "@mintro/server/flows/webhooks/send";
import { isLoopback } from "./api.ts";
import { madeUpEvent, TEST_TYPE } from "./doctor-events.ts";
import { FORGERIES, type Forgery, type Message, signed, VARIANTS, type Variant } from "./doctor-messages.ts";
import { type Finding, ok } from "./finding.ts";
import { oneLine, shortTime } from "./output.ts";
import type { SigningSecret } from "./signing-secret.ts";

export type Probe = {
  readonly url: string;
  readonly isLive: boolean;
  readonly post: (message: Message) => Promise<SendOutcome>;
};

const SLOW_MS = 5_000;
/** Who has waited this long for answers is told why. */
const PATIENCE_MS = 10_000;

/** Says once that it is slow, when `post` has been waited for this long in all. */
export function withPatience(post: Probe["post"], say: () => void, patienceMs = PATIENCE_MS): Probe["post"] {
  let [leftMs, isSaid] = [patienceMs, false];
  return async (message) => {
    const startedAt = performance.now();
    const sayOnce = () => {
      if (!isSaid) say();
      isSaid = true;
    };
    const timer = setTimeout(sayOnce, Math.max(0, leftMs));
    try {
      return await post(message);
    } finally {
      clearTimeout(timer);
      leftMs -= performance.now() - startedAt;
    }
  };
}

/**
 * Yields what is found; ends early where nothing more can be learned. `secrets`: those to try, in this order. Returns the one
 * that the receiver verifies with, null where it takes none.
 */
export async function* examineReceiver(
  probe: Probe,
  secrets: readonly SigningSecret[],
): AsyncGenerator<Finding, SigningSecret | null> {
  yield* examineAddress(probe);
  const first = await sendRight(probe, secrets);
  yield first.finding;
  const { signing, outcome } = first;
  if (!signing) {
    if (outcome.status === null || isRedirect(outcome)) return null;
    yield {
      check: "forgeries",
      result: "unknown",
      did: "Forged events",
      saw: "not sent: a receiver that refuses the right one as well would show nothing by refusing them",
      todo: "Mend the finding above first, then run the doctor again.",
    };
    return null;
  }
  const times = [outcome.durationMs];
  for (const forgery of FORGERIES) yield await sendForgery(probe, signing.secret, forgery);
  for (const variant of VARIANTS) yield await sendVariant(probe, signing.secret, variant, times);
  yield* sendTwice(probe, signing.secret, times);
  yield judgeTime(times);
  return signing;
}

function* examineAddress({ url, isLive }: Probe): Iterable<Finding> {
  const did = "Address of the receiver";
  const isHttps = new URL(url).protocol === "https:";
  if (isHttps) yield ok("https", did, "https");
  else if (isLive || !isLoopback(url))
    yield {
      check: "https",
      result: isLive ? "wrong" : "warning",
      did,
      saw: `${new URL(url).origin} is not https`,
      todo: "In live mode serve it over https: without it, whoever is on the way reads your customers' payments.",
    };
  else yield ok("https", did, "http on this machine, which is fine while you build");
}

/** With each of the secrets that are known here, until one is taken. */
async function sendRight(
  probe: Probe,
  secrets: readonly SigningSecret[],
): Promise<{ finding: Finding; signing: SigningSecret | null; outcome: SendOutcome }> {
  const check = "right-event";
  let last: { signing: SigningSecret; outcome: SendOutcome } | null = null;
  for (const signing of secrets) {
    const event = madeUpEvent(TEST_TYPE);
    const outcome = await probe.post(signed(event, signing.secret));
    if (outcome.outcome === "delivered") {
      const did = `A right event, signed with the secret of ${signing.source}`;
      return { finding: ok(check, did, `taken: ${seen(outcome)}`), signing, outcome };
    }
    last = { signing, outcome };
    if (outcome.status === null || isRedirect(outcome)) break; // another secret changes nothing
  }
  if (last === null) throw new Error("Assertion failed: there is a secret to try");
  const names = secrets.map(({ source }) => source).join(" or ");
  const finding = {
    check,
    result: "wrong",
    did: `A right event, signed with the secret of ${names}`,
    saw: seen(last.outcome),
    todo: whyRefused(last.outcome, names),
  } as const;
  return { finding, signing: null, outcome: last.outcome };
}

function whyRefused({ status, error }: SendOutcome, secrets: string): string {
  if (status === null && error?.startsWith("timed out after"))
    return "Answer within 15 seconds: keep the event, answer 200, and do the work afterwards.";
  if (status === null && /certificate|TLS/.test(error ?? ""))
    return "Mintro calls no receiver whose certificate it cannot check: install one for this name, with its whole chain.";
  if (status === null && error?.startsWith("address not allowed"))
    return "In live mode Mintro calls public addresses only: give the public address of the receiver.";
  if (error?.startsWith("name ")) return "This name is not known in DNS: check the address.";
  if (status === null) return "Start the receiver, and check host, port and any firewall before it.";
  if (status >= 300 && status < 400)
    return "Redirects are not followed: give the address that answers itself. Often it is the slash at the end, http for https, or a login before it.";
  if (status === 404 || status === 405) return "Check the path, and that it takes POST.";
  if (status === 401 || status === 403)
    return "Something before the receiver wants a login or a form token: let this path through, the signature is its proof.";
  if (status === 413 || status === 415) return "Let bodies of JSON up to 100 kB through, unparsed.";
  if (status >= 500) return "It broke: look at its log.";
  return `Check that the receiver verifies with that secret (${secrets}), that it takes the body's bytes as they came, and that its clock is right.`;
}

async function sendForgery(probe: Probe, secret: WebhookSecret, forgery: Forgery): Promise<Finding> {
  const { check, did, todo, forge } = forgery;
  const outcome = await probe.post(forge(madeUpEvent(TEST_TYPE), secret));
  const { status } = outcome;
  if (status === null)
    return { check, result: "unknown", did, saw: seen(outcome), todo: "Run the doctor again." };
  if (outcome.outcome === "delivered")
    return { check, result: "wrong", did, saw: `taken: ${seen(outcome)}`, todo };
  if (status >= 500)
    return {
      check,
      result: "warning",
      did,
      saw: `not taken, but by breaking: ${seen(outcome)}`,
      todo: "Answer 400. What breaks on a stranger's request may also leave something half done.",
    };
  if (status === 410)
    return {
      check,
      result: "wrong",
      did,
      saw: "answered 410",
      todo: "Answer 400. With 410 a single broken try disables the endpoint.",
    };
  return ok(check, did, `refused: ${seen(outcome)}`);
}

async function sendVariant(
  probe: Probe,
  secret: WebhookSecret,
  variant: Variant,
  times: number[],
): Promise<Finding> {
  const { check, did, todo, make } = variant;
  const outcome = await probe.post(make(secret));
  times.push(outcome.durationMs);
  if (outcome.outcome === "delivered") return ok(check, did, `taken: ${seen(outcome)}`);
  return { check, result: "wrong", did, saw: `not taken: ${seen(outcome)}`, todo };
}

/** Whether the second had an effect is not visible; that it is thanked for, is. */
async function* sendTwice(probe: Probe, secret: WebhookSecret, times: number[]): AsyncIterable<Finding> {
  const event = madeUpEvent(TEST_TYPE);
  const did = "The same event twice, one after the other, and twice at the same moment";
  const check = "doubled";
  const outcomes = [await probe.post(signed(event, secret)), await probe.post(signed(event, secret))];
  const other = madeUpEvent(TEST_TYPE);
  outcomes.push(...(await Promise.all([1, 2].map(() => probe.post(signed(other, secret))))));
  times.push(...outcomes.map(({ durationMs }) => durationMs));
  const refused = outcomes.find(({ outcome }) => outcome !== "delivered");
  if (refused)
    yield {
      check,
      result: "wrong",
      did,
      saw: `one of the four was not taken: ${seen(refused)}`,
      todo: "Answer 200 to an event that is there already: otherwise it is tried again for days. Keep events under their id as primary key, and treat a conflict as done.",
    };
  else yield ok(check, did, "each time thanked for with 2xx");
}

function judgeTime(times: readonly number[]): Finding {
  const slowest = Math.max(...times);
  const check = "time";
  const did = "Time to answer";
  const saw = `${shortTime(slowest)} at the slowest of ${times.length}`;
  if (slowest <= SLOW_MS) return ok(check, did, saw);
  return {
    check,
    result: "warning",
    did,
    saw,
    todo: "After 15 seconds a try has failed and is made again. Keep the event, answer 200, and do the work afterwards.",
  };
}

function isRedirect({ status }: SendOutcome): boolean {
  return status !== null && status >= 300 && status < 400;
}

function seen({ status, error, durationMs, responseStart }: SendOutcome): string {
  if (status === null) return error ?? "no answer";
  const said = oneLine(responseStart, 80);
  const isFine = status >= 200 && status < 300;
  return `answered ${status} in ${shortTime(durationMs)}${isFine || said === "" ? "" : `, saying: ${said}`}`;
}
