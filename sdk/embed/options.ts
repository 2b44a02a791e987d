/** What `mountCheckout` takes, and its refusal of what cannot work, in words that say what to do. */
import type {
  CanceledEvent,
  CheckoutErrorEvent,
  CheckoutEvent,
  FailedEvent,
  StartedEvent,
  SuccessEvent,
} from "./events.ts";
import type { CheckoutPhase } from "./link.ts";

/** The payment page could not be shown: the frame was refused, or nobody answered. The customer sees a way to try again. */
export interface UnavailableError {
  readonly event: "error";
  readonly type: "unavailable";
  /** For the customer, in the language of their browser. */
  readonly message: string;
  /** For you, in English: what to look at. */
  readonly advice: string;
}

export interface Closing {
  /** `api`: your code called `close()`. */
  readonly reason: "button" | "escape" | "backdrop" | "api";
  /** How far the payment was. `processing` and `challenge`: the outcome comes by webhook. */
  readonly phase: CheckoutPhase;
}

/** All are called on the page's own thread, one after another. Events prove nothing: deliver when the webhook has come. */
export interface CheckoutCallbacks {
  readonly onStarted?: (event: StartedEvent) => void;
  /** A card was sent, and its outcome is awaited. No event of the document: it comes with the embed alone. */
  readonly onProcessing?: () => void;
  readonly onSuccess?: (event: SuccessEvent) => void;
  readonly onFailed?: (event: FailedEvent) => void;
  readonly onCanceled?: (event: CanceledEvent) => void;
  /** The page's own `error` events, and the embed's: told apart by `type`. */
  readonly onError?: (error: CheckoutErrorEvent | UnavailableError) => void;
  /** Every event of the document, before the callback of its own. */
  readonly onEvent?: (event: CheckoutEvent) => void;
  /** The customer has closed the dialog, or your code called `close()`. Not called by `unmount()`. */
  readonly onClose?: (closing: Closing) => void;
}

export type MountOptions = CheckoutCallbacks & {
  /** The `payment_url` that your server got when it created the intent, `integration_type` being `iframe`. */
  readonly paymentUrl: string;
  /** What the frame and the dialog are called for screen readers, and above the dialog. Default: "Payment", translated. */
  readonly title?: string;
  /** The frame is never lower than this, in CSS pixels. Default: 480. */
  readonly minHeight?: number;
} & (
    | {
        /** Where the checkout goes: an element, or a selector of one. */
        readonly container: Element | string;
        readonly modal?: false;
      }
    | {
        /** In a dialog above the page. */
        readonly modal: true;
        readonly container?: undefined;
      }
  );

/** Which checkout stands where, by the element that holds it; a dialog is held by the document's root. */
const hosts = new WeakMap<Element, Element>();

export interface Place {
  readonly url: URL;
  /** Puts the checkout's element into the page. */
  readonly put: (host: Element) => void;
}

/** @throws TypeError naming the option that cannot be right */
export function readOptions({ paymentUrl, container, modal }: MountOptions): Place {
  const url = URL.canParse(paymentUrl) ? new URL(paymentUrl) : null;
  if (!/^https?:$/.test(url?.protocol ?? "") || !url?.pathname.includes("/pay/"))
    throw wrong(
      `paymentUrl must be the payment_url of an intent, https://…/pay/…, not ${String(paymentUrl)}`,
    );
  if (Boolean(modal) === Boolean(container))
    throw wrong("give either container, an element or a selector, or modal: true");
  const holder = modal ? document.body : find(container);
  const sought = typeof container === "string" ? `container "${container}"` : "the container";
  if (!holder?.isConnected) throw wrong(`${modal ? "the document's body" : sought} is not in the page (yet)`);
  const key = modal ? document.documentElement : holder;
  if (hosts.get(key)?.isConnected)
    throw wrong(
      `${modal ? "a dialog is open" : "the container holds a checkout"} already: close() or unmount() it first`,
    );
  const put = (host: Element): void => {
    hosts.set(key, host);
    holder.append(host);
  };
  return { url, put };
}

function find(container: Element | string | undefined): Element | null {
  if (typeof container !== "string") return container instanceof Element ? container : null;
  try {
    return document.querySelector(container);
  } catch {
    throw wrong(`container "${container}" is not a selector`);
  }
}

function wrong(what: string): TypeError {
  return new TypeError(`mountCheckout: ${what}.`);
}
