/**
 * What the module of a processor's own fields exports. Such fields take what our form must not, or cannot: Stripe's Payment
 * Element, Adyen's components and PayPal's card fields and buttons are meant.
 *
 * The module is an ES module at an address that the server gives for each visit (`FieldsAnswer.module`), so the page's own
 * script is the same for everybody. From another origin it must be sent with `Access-Control-Allow-Origin`, and the page's
 * policy must let in that origin and all that the module loads in turn (`FieldSources`).
 */

/** The whole of a fields module. */
export interface FieldsModule {
  /**
   * Shows the fields within `place`, which is as wide as our own fields and hidden until this resolves. Rejects where they
   * cannot be shown; the page then says that there is no connection, and mounts anew later.
   */
  readonly mount: (place: HTMLElement, options: FieldsOptions) => Promise<MountedFields>;
}

export interface FieldsOptions {
  /** What the processor's adapter put into `FieldsAnswer.settings`; nothing secret. */
  readonly settings: Readonly<Record<string, string>>;
  /** The page's language, as in `<html lang>`: `en`, `es`, `fr`, `de`, `pt`, `ar` (right to left) or `ja`. */
  readonly locale: string;
  /** The page's colours stand on `place` as custom properties (`--accent`, `--sheet`, `--ink`, `--edge`, `--bad`, …). */
  readonly appearance: "light" | "dark";
  /**
   * For what pays without our button, such as PayPal's or Apple Pay's: takes its token and makes the attempt. Resolves once the
   * attempt is over: to true where the payment was made or goes on, to false where it was declined, refused, or not made,
   * since the page was already paying. The fields are then on their way out, whichever it is; the answer is for a wallet's
   * sheet that waits to be closed.
   */
  readonly onCollected: (collected: Collected) => Promise<boolean>;
}

/** `mount`'s answer. It serves for one attempt: after it these fields are taken away, and new ones are mounted. */
export interface MountedFields {
  /**
   * The customer pressed "Pay": checks what was entered and exchanges it for a token. Called within the press, so that a
   * window or a wallet's sheet may still be opened, and not again until it is settled. May take as long as the customer
   * does; who presses "Cancel" meanwhile is let go, and the token is not used. Where it rejects, the fields count as
   * broken and are mounted anew.
   * Null: the fields only pay by buttons of their own (`onCollected`), and the page shows no "Pay".
   */
  readonly submit: (() => Promise<Collected>) | null;
  /** Moves the focus to what is wrong, else to the first field. */
  readonly focus: () => void;
  /**
   * While busy nothing may be changed or pressed: from the press until the attempt is over, while the customer has to wait
   * before another one, and on the way to another page.
   */
  readonly setBusy: (busy: boolean) => void;
  /** Takes everything away again, whatever is under way. */
  readonly unmount: () => void;
}

/**
 * What the fields gave. `token` is what the adapter's `describe` and `charge` take, at most 12,000 characters. `refused`: there
 * is none, since what was entered is wrong, or since the customer shut the window that "Pay" had opened. It is a text in
 * the page's language, shown above the fields, or null where the fields themselves show all there is to know.
 */
export type Collected = { readonly token: string } | { readonly refused: string | null };
