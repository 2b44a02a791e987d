/**
 * What the merchant's page is told of a framed checkout: the events and payloads of the platform's document
 * ("Iframe Integration"), field for field.
 */
import type { CardErrors, CheckoutView, DeclineReason } from "@mintro/contract/checkout";
import { FIELDS } from "./card/validate.ts";
import { fill, TEST_CARD } from "./language.ts";
import type { Locale } from "./locale.ts";
import type { AppMessages } from "./messages/messages.ts";

/** Something that happened on this page, of which the merchant hears once. */
export type Happening =
  | { readonly kind: "started" | "succeeded" | "canceled" | "expired" | "failed" }
  /** A call to the server failed: one of those that follow the payment, or the payment itself. */
  | { readonly kind: "connection_lost" | "payment_lost" }
  /** The server said that it made no attempt. */
  | { readonly kind: "too_many" | "busy" }
  | { readonly kind: "declined"; readonly reason: DeclineReason }
  | { readonly kind: "refused"; readonly errors: CardErrors }
  /** The processor's own fields did so; null where they only show why themselves. */
  | { readonly kind: "refused_by_fields"; readonly text: string | null };

interface About {
  readonly message: string;
  readonly intent_id: string;
  readonly client_reference_id: string;
}

export type ParentEvent =
  | ({ readonly event: "payment.started" } & About)
  | ({ readonly event: "payment.success"; readonly status: "succeeded" } & About)
  | ({ readonly event: "payment.failed"; readonly status: "failed" } & About)
  | ({ readonly event: "payment.canceled"; readonly status: "canceled" } & About)
  | { readonly event: "error"; readonly type: "error"; readonly message: string };

/** What a page that has just opened has to tell. `returned`: it was opened on the way back from a challenge. */
export function happeningsOnLoad(view: CheckoutView, returned: boolean): readonly Happening[] {
  switch (view.status) {
    case "requires_payment":
      // Back from a challenge, the customer is still on the checkout that has started.
      if (returned && view.last_failure) return [{ kind: "declined", reason: view.last_failure.reason }];
      return [{ kind: "started" }];
    case "succeeded":
      return [{ kind: "succeeded" }];
    case "cancelled":
      return [{ kind: "canceled" }];
    case "expired":
      return [{ kind: "expired" }];
    case "failed":
      return [
        view.last_failure ? { kind: "declined", reason: view.last_failure.reason } : { kind: "failed" },
      ];
    case "processing":
    case "requires_action":
      return [];
  }
}

/** What changed between two views of one intent: each declined attempt once, by its charge, and each ending once. */
export function happeningsBetween(before: CheckoutView, now: CheckoutView): readonly Happening[] {
  const happenings: Happening[] = [];
  const declined = now.last_failure !== null && now.last_failure.charge_id !== before.last_failure?.charge_id;
  if (declined && now.last_failure) happenings.push({ kind: "declined", reason: now.last_failure.reason });
  if (now.status === before.status) return happenings;
  if (now.status === "succeeded") happenings.push({ kind: "succeeded" });
  if (now.status === "cancelled") happenings.push({ kind: "canceled" });
  if (now.status === "expired") happenings.push({ kind: "expired" });
  if (now.status === "failed" && !declined) happenings.push({ kind: "failed" });
  return happenings;
}

/** The event for a happening, its message in the customer's language: the document shows it to the customer. */
export function parentEvent(
  happening: Happening,
  view: CheckoutView,
  texts: AppMessages,
  locale: Locale,
): ParentEvent {
  const about = (message: string): About => ({
    message,
    intent_id: view.intent_id,
    client_reference_id: view.reference_id,
  });
  const error = (message: string): ParentEvent => ({ event: "error", type: "error", message });
  const say = (text: string): string => fill(text, { merchant: view.merchant, card: TEST_CARD }, locale);
  switch (happening.kind) {
    case "started":
      return { event: "payment.started", ...about(texts.events.started) };
    case "succeeded":
      return { event: "payment.success", ...about(texts.events.success), status: "succeeded" };
    case "canceled":
      return { event: "payment.canceled", ...about(texts.events.canceled), status: "canceled" };
    case "declined":
      return { event: "payment.failed", ...about(texts.declines[happening.reason]), status: "failed" };
    case "failed":
      return { event: "payment.failed", ...about(say(texts.failed.text)), status: "failed" };
    case "expired":
      return error(texts.expired.title);
    case "connection_lost":
      return error(texts.connection.lost);
    case "payment_lost":
      return error(texts.connection.unconfirmed);
    case "too_many":
    case "busy":
      return error(texts.notTried[happening.kind]);
    case "refused":
      return error(
        errorTexts(happening.errors, texts)
          .map(([, text]) => say(text))
          .join(" "),
      );
    case "refused_by_fields":
      return error(happening.text ?? texts.fieldsWrong);
  }
}

/** The text for each wrong field, in the order of the page, values not yet filled in. */
export function errorTexts(
  errors: CardErrors,
  texts: AppMessages,
): readonly (readonly [field: keyof CardErrors, text: string])[] {
  return FIELDS.flatMap((field) => {
    const key = errors[field];
    if (key === undefined) return [];
    const known: Partial<Record<typeof key, string>> = texts.errors[field];
    return [[field, known[key] ?? texts.errors[field].invalid] as const];
  });
}
