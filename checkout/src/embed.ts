/**
 * The page's side of Mintro's embed (sdk/embed/link.ts, whose names these are): height and progress of the page go to
 * the page around it over a message port that the embed has handed in. So the parent's `message` listeners hear the
 * document's events and nothing else; and where nobody hands in a port, nothing here does anything.
 */
import type { Model } from "./session.ts";

/** A frame whose name begins so was made by the embed, and will be handed a port once it has loaded. */
const FRAME_NAME = "mintro-embed";
/** An embed that has not spoken by then is not there. */
const WAIT_FOR_EMBED_MS = 2_000;

export interface PageWindow {
  readonly parent: unknown;
  readonly name: string;
  addEventListener(type: "message", listener: (event: MessageEvent<unknown>) => void): void;
  addEventListener(type: "keydown", listener: (event: KeyboardEvent) => void): void;
}

export interface EmbedInput {
  readonly window: PageWindow;
  /** The origins that may frame the page; `*` is any. */
  readonly origins: readonly string[];
  readonly model: () => Model;
  readonly subscribe: (listener: () => void) => unknown;
  /** Calls with the height of the page's content in CSS pixels, now and whenever it has become another one. */
  readonly watchHeight: (then: (height: number) => void) => void;
  /** How the page looks: `frameless` without a ground of its own, `whole` without a scroll bar. */
  readonly look: (as: "frameless" | "whole") => void;
  readonly later: (ms: number, then: () => void) => () => void;
}

export interface Embed {
  /** Leaves the page now, or as soon as an embed that is still to come has heard why. */
  readonly leave: (then: () => void) => void;
}

export function answerEmbed(input: EmbedInput): Embed {
  const { window: page } = input;
  let port: MessagePort | null = null;
  let height = 0;
  let told = "";
  let departure: (() => void) | null = null;
  const tellPhase = (): void => {
    const phase = phaseOf(input.model());
    if (port && phase !== told) port.postMessage({ phase });
    told = phase;
  };
  const depart = (): void => {
    departure?.();
    departure = null;
  };
  const expected = page.name.startsWith(FRAME_NAME);
  if (expected) input.look("frameless");

  page.addEventListener("message", (event) => {
    const [given] = event.ports;
    if (!given || event.source !== page.parent || !isEmbed(event.data)) return;
    if (!input.origins.some((origin) => origin === "*" || origin === event.origin)) return;
    const isFirst = port === null;
    port = given;
    if (isFirst) begin();
    told = phaseOf(input.model());
    port.postMessage({ phase: told, height });
    depart();
  });

  const begin = (): void => {
    input.look("frameless");
    input.look("whole");
    input.watchHeight((now) => {
      height = now;
      port?.postMessage({ height });
    });
    input.subscribe(tellPhase);
    page.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.isComposing && !event.defaultPrevented)
        port?.postMessage({ escape: true });
    });
  };
  return {
    leave: (then) => {
      departure = then;
      if (port || !expected) depart();
      else input.later(WAIT_FOR_EMBED_MS, depart);
    },
  };
}

function phaseOf({ view, attempt }: Model): "payable" | "processing" | "challenge" | "over" {
  if (attempt !== "none" || view.status === "processing") return "processing";
  if (view.status === "requires_action") return "challenge";
  return view.status === "requires_payment" ? "payable" : "over";
}

function isEmbed(data: unknown): boolean {
  return typeof data === "object" && data !== null && "mintro" in data && data.mintro === "embed";
}
