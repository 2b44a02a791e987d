/**
 * The way between the platform and the sandbox. A real processor is reached through a network that loses requests and
 * answers, delays and doubles them; the sandbox is a function call away, so whatever should go wrong is put in here.
 */
import type { AccountId } from "../../domain/ids.ts";

export type LinkCall = {
  readonly method: "saveCard" | "charge" | "complete" | "lookUp" | "abandon" | "refund" | "lookUpRefund";
  readonly accountId: AccountId;
};

export interface Link {
  /**
   * Brings a call to the sandbox and its answer back. `send` is the sandbox's whole work: not calling it loses the
   * request, calling it and throwing loses the answer, calling it twice doubles the request.
   */
  carry<T>(call: LinkCall, send: () => Promise<T>): Promise<T>;
}

export const directLink: Link = { carry: (_call, send) => send() };
