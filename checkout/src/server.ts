/** The calls of the page: what stands (`state`), one attempt (`pay`), and what own fields need. Anything but a clear answer rejects. */
import type { CheckoutView, FieldsAnswer, PayAnswer, PayInput } from "@mintro/contract/checkout";
import type { NotTried } from "./session.ts";

const STATE_TIMEOUT_MS = 15_000;
/** Longer than the server waits for a processor, so that it is the server who gives up first and says what it knows. */
const PAY_TIMEOUT_MS = 60_000;

/** @param page the path of the page, `/pay/{token}` */
export async function fetchState(page: string): Promise<CheckoutView> {
  const response = await fetch(`${page}/state`, {
    headers: { accept: "application/json" },
    cache: "no-store",
    signal: AbortSignal.timeout(STATE_TIMEOUT_MS),
  });
  if (!response.ok) throw new Error(`state answered ${response.status}`);
  const body: unknown = await response.json();
  if (!isView(body)) throw new Error("state answered something else");
  return body;
}

/** Whether the sandbox's challenge still waits for its answer. */
export async function fetchIsOpen(url: string): Promise<boolean> {
  const response = await fetch(url, {
    headers: { accept: "application/json" },
    cache: "no-store",
    signal: AbortSignal.timeout(STATE_TIMEOUT_MS),
  });
  if (!response.ok) throw new Error(`state answered ${response.status}`);
  const body: unknown = await response.json();
  if (typeof body !== "object" || body === null || !("open" in body) || typeof body.open !== "boolean")
    throw new Error("state answered something else");
  return body.open;
}

/** @param page the path of the page, `/pay/{token}` */
export async function sendPayment(page: string, input: PayInput): Promise<PayAnswer | NotTried> {
  const response = await fetch(`${page}/pay`, {
    method: "POST",
    headers: { accept: "application/json", "content-type": "application/json" },
    body: JSON.stringify(input),
    cache: "no-store",
    signal: AbortSignal.timeout(PAY_TIMEOUT_MS),
  });
  const body: unknown = await response.json();
  const notTried = notTriedOf(response, body);
  if (notTried) return notTried;
  if (!response.ok && response.status !== 422) throw new Error(`pay answered ${response.status}`);
  if (!isPayAnswer(body)) throw new Error("pay answered something else");
  return body;
}

/** What the server sends with a 503 where it is certain that nothing was tried (server/src/api/answer.ts). */
const NOT_TRIED = "mintro-not-tried";
const MIN_RETRY_MS = 1_000;
const MAX_RETRY_MS = 10 * 60_000;

/**
 * A limit is looked at before anything is tried. A 503 may also mean that the database went away afterwards, so it is
 * believed only with the server's word for it.
 */
function notTriedOf({ status, headers }: Response, body: unknown): NotTried | null {
  const isOurs = typeof body === "object" && body !== null && "success" in body && body.success === false;
  const certain = status === 429 || (status === 503 && headers.has(NOT_TRIED));
  if (!isOurs || !certain) return null;
  const ms = Number(headers.get("retry-after")) * 1_000;
  const retryAfterMs = ms > 0 ? Math.min(Math.max(ms, MIN_RETRY_MS), MAX_RETRY_MS) : MIN_RETRY_MS;
  return { notTried: status === 429 ? "too_many" : "busy", retryAfterMs };
}

/** @param page the path of the page, `/pay/{token}` */
export async function fetchFields(page: string, signal: AbortSignal): Promise<FieldsAnswer> {
  const response = await fetch(`${page}/fields`, {
    method: "POST",
    headers: { accept: "application/json" },
    cache: "no-store",
    signal,
  });
  if (!response.ok) throw new Error(`fields answered ${response.status}`);
  const body: unknown = await response.json();
  if (!isFieldsAnswer(body)) throw new Error("fields answered something else");
  return body;
}

/** The server is ours and typed; this tells its answers from those of a proxy in between. */
function isView(body: unknown): body is CheckoutView {
  return typeof body === "object" && body !== null && "status" in body && "intent_id" in body;
}

function isPayAnswer(body: unknown): body is PayAnswer {
  if (typeof body !== "object" || body === null || !("success" in body)) return false;
  if (body.success === true) return "data" in body && isView(body.data);
  return "errors" in body && typeof body.errors === "object" && body.errors !== null;
}

function isFieldsAnswer(body: unknown): body is FieldsAnswer {
  return typeof body === "object" && body !== null && "module" in body && "settings" in body;
}
