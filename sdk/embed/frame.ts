/**
 * The frame and what lies over it: a sign that it loads, or that it cannot be shown. It grows with the page within, and
 * tells what the page says. Where it stands, on the merchant's page or in a dialog, it does not know.
 */
import { type CheckoutEvent, isCheckoutEvent } from "./events.ts";
import { type CheckoutPhase, createLink, FRAME_NAME, type PageReport } from "./link.ts";
import type { Texts } from "./texts.ts";

/** No page is within this time. */
const LOAD_LIMIT_MS = 20_000;
/** A page that has loaded says so at once. A refused frame "loads" too, but nobody speaks from it. */
const HELLO_LIMIT_MS = 3_000;
/** A bank's page does not tell its height. EMV 3-D Secure draws it for windows up to 600 px; the sandbox's is higher. */
const CHALLENGE_HEIGHT_PX = 760;

export interface FrameInput {
  readonly url: URL;
  readonly title: string;
  readonly minHeightPx: number;
  readonly texts: Texts;
  readonly onShown: () => void;
  readonly onEvent: (event: CheckoutEvent) => void;
  readonly onPhase: (phase: CheckoutPhase) => void;
  readonly onEscape: () => void;
  readonly onUnavailable: () => void;
}

export interface Frame {
  readonly iframe: HTMLIFrameElement;
  /** The frame with what lies over it. */
  readonly box: HTMLElement;
  readonly stop: () => void;
}

let count = 0;

export function createFrame(input: FrameInput): Frame {
  const { url, minHeightPx } = input;
  const { iframe, box, retry, fail, focus } = surfaceOf(input);
  let height = 0;
  let phase: CheckoutPhase = "loading";
  let spoke = false;
  let timer = 0;

  const grow = (to: number): void => {
    height = Math.max(minHeightPx, to);
    iframe.style.height = `${height}px`;
  };
  const show = (): void => {
    clearTimeout(timer);
    if (box.dataset["state"] === "shown") return;
    box.dataset["state"] = "shown";
    input.onShown();
  };
  const giveUp = (): void => {
    box.dataset["state"] = "failed";
    fail();
    input.onUnavailable();
  };
  const limit = (ms: number): void => {
    clearTimeout(timer);
    // A page that speaks, yet not over the port, is another version's.
    timer = setTimeout(() => (spoke ? show() : giveUp()), ms);
  };
  const load = (): void => {
    box.dataset["state"] = "loading";
    limit(LOAD_LIMIT_MS);
    iframe.src = url.href;
  };
  const heed = (report: PageReport): void => {
    if (report.height) grow(report.height);
    if (report.phase && report.phase !== phase) {
      phase = report.phase;
      input.onPhase(phase);
    }
    show();
    if (report.escape) input.onEscape();
  };
  const hear = (message: MessageEvent<unknown>): void => {
    if (message.source !== iframe.contentWindow || message.origin !== url.origin) return;
    if (!isCheckoutEvent(message.data)) return;
    spoke = true;
    input.onEvent(message.data);
  };
  const link = createLink(iframe, url.origin, heed);

  iframe.addEventListener("load", () => {
    link.connect();
    if (phase === "challenge") grow(Math.max(height, CHALLENGE_HEIGHT_PX));
    if (box.dataset["state"] === "loading") limit(HELLO_LIMIT_MS);
  });
  retry.addEventListener("click", () => {
    load();
    focus();
  });
  addEventListener("message", hear);
  grow(0);
  load();
  const stop = (): void => {
    clearTimeout(timer);
    link.close();
    removeEventListener("message", hear);
  };
  return { iframe, box, stop };
}

/** What is seen: the frame, the sign that it loads, and the notice that it cannot be shown, one at a time. */
function surfaceOf({ title, texts }: FrameInput) {
  count += 1;
  const iframe = element("iframe", {
    title,
    name: `${FRAME_NAME}-${count}`,
    allow: "payment",
    referrerPolicy: "no-referrer",
  });
  const wait = element("p", { className: "over wait", textContent: texts.loading, tabIndex: -1 });
  wait.setAttribute("role", "status");
  const retry = element("button", { type: "button", className: "first", textContent: texts.retry });
  const notice = element("div", { className: "over notice" });
  notice.setAttribute("role", "alert");
  const box = element("div", { className: "box" });
  box.append(iframe, wait, notice);
  return {
    iframe,
    box,
    retry,
    /** Fills the notice only now, since only what is new in an alert is read out. */
    fail: () => notice.replaceChildren(element("p", { textContent: texts.unavailable }), retry),
    /** To the sign that it loads, so that whoever pressed the button is not lost with it. */
    focus: () => wait.focus(),
  };
}

/** A new element with these properties. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  properties: Partial<HTMLElementTagNameMap[Name]>,
): HTMLElementTagNameMap[Name] {
  return Object.assign(document.createElement(name), properties);
}
