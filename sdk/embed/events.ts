/**
 * What a framed checkout tells the page around it: the events and payloads of the platform's document ("Iframe
 * Integration"), field for field. They come by `postMessage`, with or without the embed.
 */

/** Of which payment an event tells. */
export interface About {
  /** A sentence for the customer, in the language of their browser. */
  readonly message: string;
  readonly intent_id: string;
  /** The `reference_id` that your server gave the intent. */
  readonly client_reference_id: string;
}

/** The page has opened, and the intent can be paid. */
export type StartedEvent = { readonly event: "payment.started" } & About;
/** The intent is paid; also told when a paid link is opened again. */
export type SuccessEvent = { readonly event: "payment.success"; readonly status: "succeeded" } & About;
/** An attempt was declined. The customer may try again, unless it was the tenth. */
export type FailedEvent = { readonly event: "payment.failed"; readonly status: "failed" } & About;
/** The customer pressed Cancel, which leaves the intent payable, or your server cancelled it. */
export type CanceledEvent = { readonly event: "payment.canceled"; readonly status: "canceled" } & About;
/** The card form was filled in wrongly, the link has expired, or a call failed. The page goes on by itself. */
export interface CheckoutErrorEvent {
  readonly event: "error";
  readonly type: "error";
  readonly message: string;
}

/** Every event of the document, told apart by `event`. */
export type CheckoutEvent = StartedEvent | SuccessEvent | FailedEvent | CanceledEvent | CheckoutErrorEvent;

const EVENTS: readonly unknown[] = [
  "payment.started",
  "payment.success",
  "payment.failed",
  "payment.canceled",
  "error",
] satisfies CheckoutEvent["event"][];

/** Whether a message is one of the document's events. Its origin and source are for the caller to check. */
export function isCheckoutEvent(data: unknown): data is CheckoutEvent {
  return typeof data === "object" && data !== null && "event" in data && EVENTS.includes(data.event);
}
