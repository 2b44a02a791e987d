/** The two calls of the page: what stands (`state`), and one attempt (`pay`). Anything but a clear answer rejects. */
import type { CardInput, CheckoutView, PayAnswer } from "@mintro/contract/checkout";

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

/** @param page the path of the page, `/pay/{token}` */
export async function sendCard(page: string, card: CardInput): Promise<PayAnswer> {
  const response = await fetch(`${page}/pay`, {
    method: "POST",
    headers: { accept: "application/json", "content-type": "application/json" },
    body: JSON.stringify(card),
    cache: "no-store",
    signal: AbortSignal.timeout(PAY_TIMEOUT_MS),
  });
  if (!response.ok && response.status !== 422) throw new Error(`pay answered ${response.status}`);
  const body: unknown = await response.json();
  if (!isPayAnswer(body)) throw new Error("pay answered something else");
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
