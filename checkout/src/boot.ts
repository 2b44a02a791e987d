/** What the server puts into the document for the script: see `renderPage` in checkout/page.ts. */
import type { CheckoutView } from "@mintro/contract/checkout";
import type { Preference } from "./locale.ts";
import type { AppMessages } from "./messages/messages.ts";

export const ROOT_ID = "checkout";

export interface Boot extends Preference {
  readonly texts: AppMessages;
  /** Null for a token that nobody knows. */
  readonly view: CheckoutView | null;
}
