/** What the page asks of the shop's own server. Mintro's API and its secret stay behind that. */
export type NewOrder = {
  /** Drawn here, so that a request that is sent twice is one order. */
  readonly id: string;
  /** The form's `product`, `name` and `email`. The server checks them. */
  readonly [field: string]: FormDataEntryValue;
};

export type OrderState = {
  /** The status of the payment, as Mintro's API tells it. */
  readonly status: string;
  readonly delivered: boolean;
};

/** @returns the link for the checkout. @throws Error with a sentence for the customer */
export async function placeOrder(order: NewOrder): Promise<string> {
  const { paymentUrl } = await ask<{ paymentUrl: string }>("POST", "/api/orders", order);
  return paymentUrl;
}

export function orderState(id: string): Promise<OrderState> {
  return ask("GET", `/api/orders/${id}`);
}

export async function cancelOrder(id: string): Promise<void> {
  await ask("POST", `/api/orders/${id}/cancel`);
}

async function ask<T>(method: string, path: string, body?: unknown): Promise<T> {
  const request: RequestInit = { method };
  if (body !== undefined) {
    request.headers = { "content-type": "application/json" };
    request.body = JSON.stringify(body);
  }
  const response = await fetch(path, request).catch(() => null);
  const answer = await response?.json().catch(() => null);
  if (!response?.ok) throw new Error(answer?.message ?? "The shop does not answer. Please try again.");
  return answer;
}
