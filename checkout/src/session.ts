/**
 * One visit to the checkout page, without the page: what the customer did, what the server said, and where that leads.
 * Two promises are kept here: one press of "Pay" is one attempt, and a customer whose connection breaks is told what
 * became of the payment before being offered to pay again.
 */
import type { CardErrors, CheckoutView, PayAnswer, PayInput } from "@mintro/contract/checkout";
import { type Happening, happeningsBetween, happeningsOnLoad } from "./events.ts";

/** The world as a visit sees it; tests put their own in its place. */
export interface Outside {
  /** Both reject when no usable answer came; what the server did then is unknown. */
  readonly fetchState: () => Promise<CheckoutView>;
  readonly sendPayment: (input: PayInput) => Promise<PayAnswer | NotTried>;
  /** Leaves for another page; `replace` leaves no way back to this one. */
  readonly leave: (url: string, how: "assign" | "replace") => void;
  readonly tell: (happening: Happening, view: CheckoutView) => void;
  /** Calls back after a while, unless the returned function is called before. */
  readonly later: (ms: number, then: () => void) => () => void;
  readonly hidden: () => boolean;
}

/** The server's word that it made no attempt, and when it may be asked for one again. */
export interface NotTried {
  /** `too_many`: attempts from the customer's network; `busy`: everybody's. */
  readonly notTried: "too_many" | "busy";
  readonly retryAfterMs: number;
}

export interface Model {
  readonly view: CheckoutView;
  /** `unconfirmed`: a payment was sent, the answer got lost, and the server is being asked what became of it. */
  readonly attempt: "none" | "sending" | "unconfirmed";
  /** The lost attempt turned out never to have been made. */
  readonly notCharged: boolean;
  /** Why the last press was no attempt. It goes, and "Pay" comes back, when another may be made. */
  readonly notTried: NotTried["notTried"] | null;
  /** The customer canceled in the frame. The intent stays payable, the server does not know. */
  readonly canceledHere: boolean;
  /** False from a failed call until one succeeds. */
  readonly connected: boolean;
  /** On the way to another page. */
  readonly leaving: boolean;
}

/** How an attempt ended for the form or the fields: with another chance, or with nothing left to do for it. */
export type AttemptEnd =
  | { readonly kind: "declined" | "not_charged" | "over" }
  | { readonly kind: "refused"; readonly errors: CardErrors };

const POLL_MS = 2_000;
const POLL_HIDDEN_MS = 15_000;
/** After failures the wait doubles up to this. */
const POLL_MAX_MS = 30_000;
/** A payment whose answer got lost may only just be arriving: the first question gives it this long. */
const CONFIRM_AFTER_MS = 1_500;

export class CheckoutSession {
  readonly #outside: Outside;
  readonly #returned: boolean;
  readonly #listeners = new Set<() => void>();
  #model: Model;
  /** Counts the attempts' beginnings and ends: an answer asked for before one of them tells of the past. */
  #era = 0;
  #failures = 0;
  #asking = false;
  #stopWaiting: () => void = () => {};
  #stopHolding: () => void = () => {};
  #endAttempt: (end: AttemptEnd) => void = () => {};

  /** `returned`: the page was opened on the way back from a challenge (`?returned=1`). */
  constructor(view: CheckoutView, returned: boolean, outside: Outside) {
    this.#outside = outside;
    this.#returned = returned;
    this.#model = {
      view,
      attempt: "none",
      notCharged: false,
      notTried: null,
      canceledHere: false,
      connected: true,
      leaving: false,
    };
  }

  get model(): Model {
    return this.#model;
  }

  get returned(): boolean {
    return this.#returned;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Tells the merchant what is found on load, goes where it leads, and begins to follow the intent. */
  start(): void {
    const { view } = this.#model;
    for (const happening of happeningsOnLoad(view, this.#returned)) this.#outside.tell(happening, view);
    // A paid link that is only visited again stays; and who comes back from an open challenge is not sent in a circle.
    if (view.status === "succeeded" && this.#returned) this.#leave(view.success_url, "replace");
    if (view.status === "requires_action" && !this.#returned) this.#leave(view.challenge_url, "replace");
    this.#wait();
  }

  /** Makes one attempt. While another is under way nothing is sent, and the answer is "over". */
  async pay(input: PayInput): Promise<AttemptEnd> {
    const { view, attempt, notTried, canceledHere, leaving } = this.#model;
    if (attempt !== "none" || view.status !== "requires_payment" || canceledHere || leaving)
      return { kind: "over" };
    if (notTried !== null) return { kind: "not_charged" };
    this.#era += 1;
    this.#stopWaiting();
    this.#set({ attempt: "sending", notCharged: false });
    try {
      const answer = await this.#outside.sendPayment(input);
      return this.#answered(answer);
    } catch {
      return await this.#lost();
    }
  }

  /** Tells that the form's own check refused the card. */
  refuse(errors: CardErrors): void {
    this.#outside.tell({ kind: "refused", errors }, this.#model.view);
  }

  /** Tells that the processor's own fields refused what was entered; null where they only show why themselves. */
  refuseFields(text: string | null): void {
    this.#outside.tell({ kind: "refused_by_fields", text }, this.#model.view);
  }

  /** Tells that the processor's own fields could not be loaded, or broke. */
  loseFields(): void {
    this.#outside.tell({ kind: "connection_lost" }, this.#model.view);
  }

  /** The customer's Cancel: back to the merchant, or in the frame a page that says so. */
  cancel(): void {
    const { attempt, leaving, view } = this.#model;
    if (attempt !== "none" || leaving) return;
    if (view.integration_type === "url" && view.cancel_url !== null) {
      this.#leave(view.cancel_url, "assign");
      return;
    }
    this.#set({ canceledHere: true, notCharged: false });
    this.#outside.tell({ kind: "canceled" }, view);
  }

  /** Back to paying after a Cancel in the frame. */
  resume(): void {
    this.#set({ canceledHere: false });
  }

  /** Asks the server at once how things stand. */
  refresh(): void {
    if (this.#model.attempt === "sending") return;
    this.#stopWaiting();
    void this.#ask();
  }

  /** The browser brought the page back as it was left, from its back/forward cache. */
  cameBack(): void {
    this.#set({ leaving: false });
    this.refresh();
  }

  #answered(answer: PayAnswer | NotTried): AttemptEnd {
    this.#era += 1;
    this.#failures = 0;
    if ("notTried" in answer) return this.#hold(answer);
    if (!answer.success) {
      this.#set({ attempt: "none", connected: true });
      this.#outside.tell({ kind: "refused", errors: answer.errors }, this.#model.view);
      this.#wait();
      return { kind: "refused", errors: answer.errors };
    }
    const end = this.#accept(answer.data);
    this.#wait();
    return end;
  }

  #hold({ notTried, retryAfterMs }: NotTried): AttemptEnd {
    this.#set({ attempt: "none", connected: true, notTried });
    this.#outside.tell({ kind: notTried }, this.#model.view);
    this.#stopHolding();
    this.#stopHolding = this.#outside.later(retryAfterMs, () => this.#set({ notTried: null }));
    this.#wait();
    return { kind: "not_charged" };
  }

  #lost(): Promise<AttemptEnd> {
    this.#era += 1;
    this.#set({ attempt: "unconfirmed", connected: false });
    this.#outside.tell({ kind: "payment_lost" }, this.#model.view);
    this.#stopWaiting = this.#outside.later(CONFIRM_AFTER_MS, () => void this.#ask());
    return new Promise((resolve) => {
      this.#endAttempt = resolve;
    });
  }

  async #ask(): Promise<void> {
    if (this.#asking || this.#model.leaving || !isOpen(this.#model.view)) return;
    this.#asking = true;
    const era = this.#era;
    try {
      const view = await this.#outside.fetchState();
      this.#failures = 0;
      if (era === this.#era && !this.#model.leaving) this.#endAttempt(this.#accept(view));
    } catch {
      this.#failures += 1;
      const wasConnected = this.#model.connected;
      if (wasConnected && era === this.#era && !this.#model.leaving) {
        this.#set({ connected: false });
        this.#outside.tell({ kind: "connection_lost" }, this.#model.view);
      }
    } finally {
      this.#asking = false;
    }
    if (this.#model.attempt !== "sending") this.#wait();
  }

  /** Takes what the server says for true: tells what changed, ends the attempt, leaves where the payment leads. */
  #accept(view: CheckoutView): AttemptEnd {
    const { view: before, attempt } = this.#model;
    const happenings = happeningsBetween(before, view);
    const payable = view.status === "requires_payment";
    const declined = happenings.some(({ kind }) => kind === "declined");
    const notCharged = payable && attempt !== "none" && !declined;
    this.#set({
      view,
      attempt: "none",
      connected: true,
      notCharged: payable && (notCharged || (this.#model.notCharged && !declined)),
      canceledHere: payable && this.#model.canceledHere,
    });
    for (const happening of happenings) this.#outside.tell(happening, view);
    if (view.status === "succeeded") this.#leave(view.success_url, "replace");
    // A challenge that another tab has opened is that tab's; this one offers a link.
    const ours = attempt !== "none" || before.status === "processing";
    // Back leads a whole window to the checkout page; a frame has no Back of its own, and would show an old challenge.
    const how = view.integration_type === "iframe" ? "replace" : "assign";
    if (view.status === "requires_action" && ours) this.#leave(view.challenge_url, how);
    if (!payable) return { kind: "over" };
    return { kind: declined ? "declined" : "not_charged" };
  }

  #leave(url: string | null, how: "assign" | "replace"): void {
    if (url === null) return;
    this.#stopWaiting();
    this.#set({ leaving: true });
    this.#outside.leave(url, how);
  }

  #wait(): void {
    this.#stopWaiting();
    if (this.#model.leaving || !isOpen(this.#model.view)) return;
    const pace = this.#outside.hidden() ? POLL_HIDDEN_MS : POLL_MS;
    const ms = Math.min(pace * 2 ** Math.min(this.#failures, 5), POLL_MAX_MS);
    this.#stopWaiting = this.#outside.later(ms, () => void this.#ask());
  }

  #set(change: Partial<Model>): void {
    this.#model = { ...this.#model, ...change };
    for (const listener of this.#listeners) listener();
  }
}

/** Whether the intent can still become something else. */
function isOpen(view: CheckoutView): boolean {
  return (
    view.status === "requires_payment" || view.status === "processing" || view.status === "requires_action"
  );
}
