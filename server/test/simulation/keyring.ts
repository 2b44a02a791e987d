/**
 * What the owner of a webhook endpoint knows of its secrets, and whether a try is signed as the contract says (section 5):
 * by the newest, and by each before it for 24 hours of wall time after it was rotated away, and no longer. A secret is
 * known from the answer to the request that made it; when the platform did so lies between request and answer.
 */
import { createHmac } from "node:crypto";
import { HOUR, MINUTE } from "./stage.ts";

export type Signed = { readonly headers: Readonly<Record<string, string>>; readonly body: string };

export type Keyring = {
  /** A creation or a rotation is asked for, now, in microseconds of wall time. One at a time. */
  ask(now: number): void;
  /** The answer to it. Gives back what is wrong with what came before it. */
  learn(secret: string, now: number): string[];
  /** The platform made no new secret after all, or nobody will ever know. */
  giveUp(): void;
  /** A try has arrived: what is wrong with its signatures. */
  check(request: Signed): string[];
};

type Secret = { readonly asked: number; told: number | null; secret: string | null };

const OVERLAP = 24 * HOUR;
/** That sign at a time (docs/api.md, "Webhook endpoints"). */
const SECRETS_MOST = 5;
/** A try carries the signatures of the moment at which its worker took it, which may be a lease ago. */
const LAG = MINUTE;

export function createKeyring(first: { secret: string; now: number } | null): Keyring {
  const secrets: Secret[] = first ? [{ asked: first.now, told: first.now, secret: first.secret }] : [];
  /** What came before the endpoint's owner knew any secret. */
  const unread: Signed[] = [];
  let isAsked = false;

  const check = (request: Signed): string[] => {
    if (!secrets.some(({ secret }) => secret !== null)) {
      unread.push(request);
      return [];
    }
    const at = Number(request.headers["webhook-timestamp"]) * 1_000_000;
    const given = (request.headers["webhook-signature"] ?? "").split(" ");
    const known = new Set<string>();
    const wrong: string[] = [];
    secrets.forEach(({ secret }, index) => {
      if (secret === null) return;
      const signature = sign(request, secret);
      known.add(signature);
      const signs = given.includes(signature);
      if (!signs && mustSign(secrets, index, at)) wrong.push(`secret ${index} does not sign`);
      if (signs && mustNotSign(secrets, index, at)) wrong.push(`secret ${index} still signs`);
    });
    const strangers = given.filter((signature) => !known.has(signature));
    // A secret that nobody has told yet, or never will.
    const isUncertain = secrets.some(({ secret }) => secret === null);
    if (strangers.length > 0 && !isUncertain) wrong.push(`signed by a stranger: ${strangers.join(" ")}`);
    if (given.length > SECRETS_MOST) wrong.push(`${given.length} signatures`);
    return wrong;
  };

  return {
    ask(now) {
      if (isAsked) throw new Error("The simulation asks for one secret at a time.");
      isAsked = true;
      secrets.push({ asked: now, told: null, secret: null });
    },
    learn(secret, now) {
      isAsked = false;
      const last = secrets.at(-1);
      if (!last) throw new Error("The simulation asks before it is told.");
      last.told = now;
      last.secret = secret;
      return unread.splice(0).flatMap(check);
    },
    giveUp: () => {
      isAsked = false;
    },
    check,
  };
}

/** Told for long enough, and not rotated away for longer than it signs on; `at`: when the try was signed. */
function mustSign(secrets: readonly Secret[], index: number, at: number): boolean {
  const told = secrets[index]?.told ?? null;
  const next = secrets[index + 1];
  if (told === null || told + LAG > at) return false;
  return !next || at < next.asked + OVERLAP - LAG;
}

function mustNotSign(secrets: readonly Secret[], index: number, at: number): boolean {
  const next = secrets.slice(index + 1).find(({ told }) => told !== null)?.told ?? null;
  return next !== null && at > next + OVERLAP + LAG;
}

/** Standard Webhooks 1.0, written down here once more. */
function sign({ headers, body }: Signed, secret: string): string {
  const { "webhook-id": id = "", "webhook-timestamp": timestamp = "" } = headers;
  const key = Buffer.from(secret.slice("whsec_".length), "base64");
  return `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64")}`;
}
