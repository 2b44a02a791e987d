/**
 * Mintro's checkout in a page of yours, with typed events: a frame that grows with its content, or a dialog. No
 * dependency, nothing at import time, so that it may also be imported where a server renders.
 */
import { createDialog } from "./dialog.ts";
import type { CheckoutEvent } from "./events.ts";
import { createFrame, element } from "./frame.ts";
import type { CheckoutPhase } from "./link.ts";
import { type Closing, type MountOptions, readOptions } from "./options.ts";
import { embedStyle } from "./style.ts";
import { speechFor } from "./texts.ts";

export type {
  About,
  CanceledEvent,
  CheckoutErrorEvent,
  CheckoutEvent,
  FailedEvent,
  StartedEvent,
  SuccessEvent,
} from "./events.ts";
export type { CheckoutPhase } from "./link.ts";
export type { CheckoutCallbacks, Closing, MountOptions, UnavailableError } from "./options.ts";

export interface MountedCheckout {
  readonly iframe: HTMLIFrameElement;
  /** Fulfilled when the customer sees the page; rejected, with what to look at, when it cannot be shown or goes before. */
  readonly ready: Promise<void>;
  /** Takes the checkout away, without asking the customer, and calls `onClose`. Again: nothing. */
  readonly close: () => void;
  /** Takes the checkout away and calls nobody: for when the part of your page that holds it goes. Again: nothing. */
  readonly unmount: () => void;
}

const MIN_HEIGHT_PX = 480;

/**
 * Shows the payment page in `container`, or in a dialog with `modal: true`.
 *
 * Several may be on a page. Events come from the payment page's origin and this very frame, or are not passed on. They
 * prove nothing: deliver when the webhook `payment.succeeded` has come.
 * @throws TypeError where an option cannot be right, or the container holds a checkout already
 */
export function mountCheckout(options: MountOptions): MountedCheckout {
  const { url, put } = readOptions(options);
  const speech = speechFor(navigator.languages);
  const { texts, lang, dir } = speech;
  const title = options.title ?? texts.title;
  let phase: CheckoutPhase = "loading";
  let mounted = true;
  const ready = Promise.withResolvers<void>();
  // Whoever listens for errors is told there.
  if (options.onError) ready.promise.catch(() => {});

  const frame = createFrame({
    url,
    title,
    texts,
    minHeightPx: options.minHeight ?? MIN_HEIGHT_PX,
    onShown: ready.resolve,
    onEvent: (event) => tell(options, event),
    onPhase: (now) => {
      phase = now;
      if (now === "processing") options.onProcessing?.();
      if (!isBusy()) dialog?.settle();
    },
    onEscape: () => dialog?.pressEscape(),
    onUnavailable: () => {
      const advice = adviceFor(url);
      ready.reject(new Error(advice));
      options.onError?.({ event: "error", type: "unavailable", message: texts.unavailable, advice });
    },
  });
  const isBusy = (): boolean => phase === "processing" || phase === "challenge";
  const unmount = (): void => {
    if (!mounted) return;
    mounted = false;
    frame.stop();
    dialog?.shut();
    host.remove();
    ready.promise.catch(() => {});
    ready.reject(new Error("The checkout was closed before it was shown."));
  };
  const closeBy = (reason: Closing["reason"]): void => {
    if (!mounted) return;
    unmount();
    options.onClose?.({ reason, phase });
  };
  const dialog = options.modal
    ? createDialog({ ...speech, title, box: frame.box, isBusy, onClosed: closeBy })
    : null;

  const host = element("div", {});
  const root = host.attachShadow({ mode: "open" });
  root.adoptedStyleSheets = [embedStyle()];
  if (dialog) root.append(dialog.dialog);
  else {
    const around = element("div", { className: "embed", lang, dir });
    around.append(frame.box);
    root.append(around);
  }
  put(host);
  dialog?.open();
  return { iframe: frame.iframe, ready: ready.promise, close: () => closeBy("api"), unmount };
}

function tell(options: MountOptions, event: CheckoutEvent): void {
  options.onEvent?.(event);
  switch (event.event) {
    case "payment.started":
      options.onStarted?.(event);
      break;
    case "payment.success":
      options.onSuccess?.(event);
      break;
    case "payment.failed":
      options.onFailed?.(event);
      break;
    case "payment.canceled":
      options.onCanceled?.(event);
      break;
    case "error":
      options.onError?.(event);
  }
}

/** Without the link itself, which is a secret of the customer's and may end up in a log. */
function adviceFor({ origin }: URL): string {
  return (
    `No payment page of ${origin} answered in the frame. Look at the browser's console: if it names frame-ancestors, ` +
    `MINTRO_ALLOWED_ORIGINS must list ${location.origin} (without it live mode allows nobody), and the intent's ` +
    "integration_type must be iframe. Otherwise the link is incomplete, or the server cannot be reached."
  );
}
