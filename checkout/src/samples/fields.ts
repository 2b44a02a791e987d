/**
 * Fields as a processor would show them, for the preview and the tests: one input, and a button that pays by itself where the
 * settings want one. Sent to browsers as it is, without its types (checkout/preview-fields.ts); so it imports nothing else.
 *
 * Card numbers become tokens (`tok_…`); nothing at all is refused beneath the field, `0000` above the fields, and `broken` by
 * throwing. `settings.shows` is `card`, `button` or `both`.
 */
import type { Collected, FieldsModule } from "../fields.ts";

export const mount: FieldsModule["mount"] = async (place, options) => {
  const { settings, appearance, locale, onCollected } = options;
  const shows = settings["shows"] ?? "card";
  place.dataset["mounted"] = `${appearance} ${locale}`;
  const label = document.createElement("label");
  const input = document.createElement("input");
  const note = document.createElement("p");
  label.className = "label";
  label.textContent = "Sample number";
  label.htmlFor = "sample-number";
  input.id = "sample-number";
  input.className = "input";
  input.setAttribute("aria-describedby", "sample-note");
  note.id = "sample-note";
  note.className = "note";
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button outline-button";
  button.textContent = "Sample wallet";
  button.addEventListener("click", () => {
    if (button.getAttribute("aria-disabled") === "true") return;
    void onCollected({ token: "tok_wallet" }).then((paid) => {
      document.documentElement.dataset["walletPaid"] = String(paid);
    });
  });
  if (shows !== "button") place.append(label, input, note);
  if (shows !== "card") place.append(button);

  const submit = async (): Promise<Collected> => {
    const number = input.value.trim();
    input.setAttribute("aria-invalid", String(number === ""));
    note.textContent = number === "" ? "Sample: enter the number." : "";
    if (number === "broken") throw new Error("broken");
    if (number === "never") await new Promise(() => {});
    if (number === "0000") return { refused: "Sample: this card is not taken." };
    return number === "" ? { refused: null } : { token: `tok_${number}` };
  };
  return {
    submit: shows === "button" ? null : submit,
    focus: () => (shows === "button" ? button : input).focus(),
    setBusy: (busy) => {
      input.readOnly = busy;
      button.setAttribute("aria-disabled", String(busy));
    },
    unmount: () => place.replaceChildren(),
  };
};
