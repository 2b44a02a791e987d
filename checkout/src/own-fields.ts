/**
 * The life of a processor's own fields on the page, without the page: they are loaded, pay once, and give way to new ones,
 * since a processor's sessions and tokens serve once. Whether an attempt is made at all stays the session's to say.
 */
import type { CardErrors, CheckoutView } from "@mintro/contract/checkout";
import type { Collected, MountedFields } from "./fields.ts";
import type { CheckoutSession } from "./session.ts";

/** What the fields need of the page; tests put their own in its place. */
export interface FieldsOutside {
  /** Asks for the fields and shows them. The signal takes them away, at whatever point they are. */
  readonly mount: (
    onCollected: (collected: Collected) => Promise<boolean>,
    signal: AbortSignal,
  ) => Promise<MountedFields>;
  /** New fields are coming where the customer had entered something: the focus waits at their place. */
  readonly focusPlace: () => void;
  /** Calls back after a while, unless the returned function is called before. */
  readonly later: (ms: number, then: () => void) => () => void;
}

export interface FieldsModel {
  /** `lost`: they could not be loaded, or broke; it is tried again by itself. */
  readonly state: "loading" | "ready" | "lost";
  /** Whether the page's own "Pay" has something to do; true as long as it is not known. */
  readonly takesPay: boolean;
  /** The customer pressed "Pay", and the fields have not given a token yet. */
  readonly collecting: boolean;
  /** Why the newest try came to nothing, where the fields or the server said so in words. */
  readonly refused: { readonly text: string } | { readonly errors: CardErrors } | null;
}

const LOAD_TIMEOUT_MS = 20_000;
const RETRY_MS = 4_000;
/** After failures the wait doubles up to this. */
const RETRY_MAX_MS = 60_000;

export class OwnFields {
  readonly #session: CheckoutSession;
  readonly #outside: FieldsOutside;
  readonly #listeners = new Set<() => void>();
  #model: FieldsModel = { state: "loading", takesPay: true, collecting: false, refused: null };
  #mounted: MountedFields | null = null;
  /** Ends with the fields that are there now; whatever still comes of them then is nobody's. */
  #stay = new AbortController();
  #stopWaiting: () => void = () => {};
  #failures = 0;

  constructor(session: CheckoutSession, outside: FieldsOutside) {
    this.#session = session;
    this.#outside = outside;
  }

  get model(): FieldsModel {
    return this.#model;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Loads the fields, in the place of those that are there. */
  async open(): Promise<void> {
    this.close();
    const stay = new AbortController();
    this.#stay = stay;
    this.#stopWaiting = this.#outside.later(LOAD_TIMEOUT_MS, () => this.#lose(stay.signal));
    let mounted: MountedFields;
    try {
      mounted = await this.#outside.mount(
        (collected) => this.#collected(collected, stay.signal),
        stay.signal,
      );
    } catch {
      this.#lose(stay.signal);
      return;
    }
    if (stay.signal.aborted) return;
    this.#stopWaiting();
    this.#failures = 0;
    this.#mounted = mounted;
    this.#set({ state: "ready", takesPay: mounted.submit !== null });
  }

  /** Takes the fields away; what they still give is not used. */
  close(): void {
    this.#stopWaiting();
    this.#stay.abort();
    this.#mounted = null;
    if (this.#model.collecting) this.#set({ collecting: false });
  }

  /** The customer's "Pay". */
  async press(): Promise<void> {
    const submit = this.#mounted?.submit;
    if (!submit || !this.#mayPay()) return;
    const { signal } = this.#stay;
    this.#set({ collecting: true });
    let collected: Collected;
    try {
      collected = await submit();
    } catch {
      this.#lose(signal);
      return;
    }
    await this.#take(collected, signal);
  }

  /** The customer's "Cancel", also while the fields are at work: no money moves before they have given a token. */
  cancel(): void {
    this.#session.cancel();
    // The page stays until the merchant's has come, and may be brought back as it was left.
    if (this.#session.model.leaving && this.#model.collecting) this.#replace();
  }

  focus(): void {
    quietly(() => this.#mounted?.focus());
  }

  setBusy(busy: boolean): void {
    quietly(() => this.#mounted?.setBusy(busy));
  }

  /** What the fields give without our button. */
  async #collected(collected: Collected, signal: AbortSignal): Promise<boolean> {
    return this.#mayPay() ? this.#take(collected, signal) : false;
  }

  #mayPay(): boolean {
    const { attempt, notTried } = this.#session.model;
    return !this.#model.collecting && attempt === "none" && notTried === null;
  }

  async #take(collected: Collected, signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return false;
    if ("refused" in collected) {
      const { refused } = collected;
      this.#set({ collecting: false, refused: refused === null ? null : { text: refused } });
      this.#session.refuseFields(refused);
      this.focus();
      return false;
    }
    const paying = this.#session.pay({ token: collected.token });
    this.#set({ collecting: false });
    const end = await paying;
    if (end.kind === "over") return wentOn(this.#session.model.view);
    if (signal.aborted) return false;
    this.#set({ refused: end.kind === "refused" ? { errors: end.errors } : null });
    this.#outside.focusPlace();
    this.#replace();
    return false;
  }

  #replace(): void {
    this.#set({ state: "loading" });
    void this.open();
  }

  #lose(signal: AbortSignal): void {
    if (signal.aborted) return;
    this.close();
    if (this.#model.state !== "lost") this.#session.loseFields();
    this.#set({ state: "lost" });
    const ms = Math.min(RETRY_MS * 2 ** Math.min(this.#failures, 4), RETRY_MAX_MS);
    this.#failures += 1;
    this.#stopWaiting = this.#outside.later(ms, () => void this.open());
  }

  #set(change: Partial<FieldsModel>): void {
    this.#model = { ...this.#model, ...change };
    for (const listener of this.#listeners) listener();
  }
}

/** Calls somebody else's code where nothing of ours hangs on it. */
export function quietly(call: () => void): void {
  try {
    call();
  } catch {
    // The page goes on without.
  }
}

/** Whether an attempt that is over for this page was made, and not declined. */
function wentOn({ status }: CheckoutView): boolean {
  return status === "succeeded" || status === "processing" || status === "requires_action";
}
