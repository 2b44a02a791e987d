/**
 * The modal mode: the frame in a `<dialog>`, which the browser itself keeps above the page, makes the rest of the page
 * inert for, and gives the focus back from. Whoever closes it while a payment is under way is asked first.
 */
import { element } from "./frame.ts";
import { lockScroll } from "./style.ts";
import type { Speech } from "./texts.ts";

export type Way = "button" | "escape" | "backdrop";

export interface DialogInput extends Speech {
  readonly title: string;
  readonly box: HTMLElement;
  /** Whether to ask before closing. */
  readonly isBusy: () => boolean;
  /** The customer has closed it. */
  readonly onClosed: (way: Way) => void;
}

export interface Dialog {
  readonly dialog: HTMLDialogElement;
  /** Once it is in the page. */
  readonly open: () => void;
  /** The customer has pressed Escape within the frame. */
  readonly pressEscape: () => void;
  /** Takes the question back, where it no longer needs an answer. */
  readonly settle: () => void;
  /** Closes without asking anybody. */
  readonly shut: () => void;
}

export function createDialog(input: DialogInput): Dialog {
  const { isBusy, onClosed } = input;
  const { dialog, cross, ask, stay, leave } = surfaceOf(input);
  let unlock: (() => void) | null = null;
  let way: Way = "escape";
  const settle = (): void => {
    if (ask.hidden) return;
    const hadFocus = ask.contains(deepFocus(ask));
    ask.hidden = true;
    if (hadFocus) dialog.focus();
  };
  const shut = (): void => {
    unlock?.();
    unlock = null;
    dialog.close();
  };
  const close = (): void => {
    shut();
    onClosed(way);
  };
  const wish = (by: Way): void => {
    way = by;
    if (isBusy()) {
      ask.hidden = false;
      stay.focus();
    } else close();
  };
  const pressEscape = (): void => (ask.hidden ? wish("escape") : settle());

  onPressOutside(dialog, () => wish("backdrop"));
  cross.addEventListener("click", () => wish("button"));
  stay.addEventListener("click", settle);
  leave.addEventListener("click", close);
  dialog.addEventListener("keydown", (event) => {
    // A browser may close a dialog on Escape without a word; what is prevented here it leaves alone.
    if (event.key !== "Escape") return;
    event.preventDefault();
    pressEscape();
  });
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    pressEscape();
  });
  dialog.addEventListener("close", () => {
    if (unlock) close();
  });
  const open = (): void => {
    unlock = lockScroll();
    dialog.showModal();
    // Not on the first button: whoever cannot see the dialog is told what has opened.
    dialog.focus();
  };
  return { dialog, open, pressEscape, settle, shut };
}

/** What is seen: a bar with title and close button, the question below it where there is one, and the frame. */
function surfaceOf({ title, box, lang, dir, texts }: DialogInput) {
  const dialog = element("dialog", { className: "embed", lang, dir, tabIndex: -1 });
  const bar = element("div", { className: "bar" });
  const cross = element("button", { type: "button", className: "close" });
  const stay = element("button", { type: "button", className: "first", textContent: texts.stay });
  const leave = element("button", { type: "button", textContent: texts.leave });
  const buttons = element("div", {});
  const question = element("p", { id: "question", textContent: texts.busy });
  const ask = element("div", { className: "ask", hidden: true });
  const head = element("div", { className: "head" });
  dialog.setAttribute("aria-label", title);
  cross.setAttribute("aria-label", texts.close);
  ask.setAttribute("role", "alertdialog");
  ask.setAttribute("aria-labelledby", question.id);
  buttons.append(stay, leave);
  ask.append(question, buttons);
  bar.append(element("p", { textContent: title }), cross);
  head.append(bar, ask);
  dialog.append(head, box);
  return { dialog, cross, ask, stay, leave };
}

/** A press that begins and ends on the backdrop; one that only ends there has marked text. */
function onPressOutside(dialog: HTMLDialogElement, then: () => void): void {
  let began = false;
  const isOutside = ({ target, clientX, clientY }: MouseEvent): boolean => {
    const { left, right, top, bottom } = dialog.getBoundingClientRect();
    return target === dialog && (clientX < left || clientX > right || clientY < top || clientY > bottom);
  };
  dialog.addEventListener("pointerdown", (event) => {
    began = isOutside(event);
  });
  dialog.addEventListener("click", (event) => {
    if (began && isOutside(event)) then();
    began = false;
  });
}

/** The focused element of the shadow root that `within` is in. */
function deepFocus(within: Element): Element | null {
  const root = within.getRootNode();
  return root instanceof ShadowRoot ? root.activeElement : null;
}
