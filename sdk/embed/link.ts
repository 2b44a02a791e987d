/**
 * The embed's own line to the page in its frame: a message port, so that a merchant's `message` listener never hears
 * anything but the document's events. The page answers over the port with its height and with how far the payment is.
 * The other end is checkout/src/embed.ts, and both must agree on every name here.
 */

/** Names of frames begin so: the page then knows before its first picture that an embed is around it. */
export const FRAME_NAME = "mintro-embed";

/**
 * How far the payment is. `processing`: a card was sent, the outcome is not known yet. `challenge`: the customer's bank
 * asks for a confirmation. `over`: nothing more can be paid here.
 */
export type CheckoutPhase = "loading" | "payable" | "processing" | "challenge" | "over";

export interface PageReport {
  /** Of the page's content, in CSS pixels. */
  readonly height?: number;
  readonly phase?: CheckoutPhase;
  /** The customer pressed Escape within the frame, where this page cannot hear it. */
  readonly escape?: true;
}

export interface Link {
  /** Hands the page that is in the frame now one end of a new channel. Only a page of the origin can get it. */
  readonly connect: () => void;
  readonly close: () => void;
}

export function createLink(
  frame: HTMLIFrameElement,
  origin: string,
  onReport: (report: PageReport) => void,
): Link {
  let port: MessagePort | null = null;
  const close = (): void => port?.close();
  const connect = (): void => {
    close();
    const { port1, port2 } = new MessageChannel();
    port = port1;
    port.onmessage = (event: MessageEvent<PageReport>) => onReport(event.data);
    frame.contentWindow?.postMessage({ mintro: "embed" }, origin, [port2]);
  };
  return { connect, close };
}
