/** A labelled field with its complaint beneath, and the alert above the form. */
import type { ComponentChildren, TargetedEvent, TargetedInputEvent } from "preact";
import { erasedBy, reshape, type Shape } from "../card/edit.ts";
import { useLanguage } from "../language-context.ts";
import { AlertIcon, Spinner } from "./icons.tsx";

interface FieldProps {
  readonly id: string;
  readonly label: string;
  readonly value: string;
  readonly autocomplete: "cc-name" | "cc-number" | "cc-exp" | "cc-csc";
  readonly onValue: (value: string) => void;
  readonly readOnly: boolean;
  readonly error: string | undefined;
  /** Wrong, though nothing is said beneath: `describedBy` says it. */
  readonly blamed: boolean;
  /** Off unless it is said otherwise: what is on a card is copied as it stands. */
  readonly capitalize?: "words";
  /** Said by screen readers; on the screen, the placeholder and the mark say it. */
  readonly hint?: string;
  readonly placeholder?: string;
  readonly maxLength?: number;
  /** The id of something else that describes the field. */
  readonly describedBy?: string | undefined;
}

/** The name: free text. */
export function Field(props: FieldProps) {
  return (
    <Labelled {...props}>
      <input
        {...inputProps(props)}
        type="text"
        maxLength={props.maxLength}
        onInput={(event) => props.onValue(event.currentTarget.value)}
      />
    </Labelled>
  );
}

interface ShapedFieldProps extends FieldProps {
  readonly shape: Shape;
  readonly mark?: ComponentChildren;
}

/** Digits that are given their shape while they are typed. */
export function ShapedField({ shape, mark, ...props }: ShapedFieldProps) {
  const edit = (element: HTMLInputElement, inputType: string): void => {
    const raw = element.value;
    const at = element.selectionStart ?? raw.length;
    const { value, caret } = reshape(props.value, raw, at, erasedBy(inputType), shape);
    // Written here and not by the next rendering: where nothing changes there is none, and the caret would jump.
    element.value = value;
    // Setting the selection takes the focus in some browsers, which a browser that fills in a form must not do.
    if (document.activeElement === element) element.setSelectionRange(caret, caret);
    props.onValue(value);
  };
  return (
    <Labelled {...props} mark={mark}>
      <input
        {...inputProps(props)}
        type="text"
        inputMode="numeric"
        dir="ltr"
        onInput={(event: TargetedInputEvent<HTMLInputElement>) => {
          // An input method that is still composing owns the text until it is done.
          if (event.isComposing) props.onValue(event.currentTarget.value);
          else edit(event.currentTarget, event.inputType ?? "");
        }}
        onCompositionEnd={(event: TargetedEvent<HTMLInputElement>) => edit(event.currentTarget, "")}
      />
    </Labelled>
  );
}

function inputProps(props: FieldProps) {
  const described = [props.describedBy, noteOf(props) === undefined ? undefined : noteId(props.id)];
  return {
    id: props.id,
    class: "input",
    value: props.value,
    autocomplete: props.autocomplete,
    readOnly: props.readOnly,
    required: true,
    placeholder: props.placeholder,
    spellcheck: false,
    autocapitalize: props.capitalize ?? "off",
    // Spelled so, it is set as an attribute: browsers' property of that name is a boolean, for which "off" is true.
    autoCorrect: "off",
    "aria-invalid": isWrong(props),
    "aria-describedby": described.filter((id) => id !== undefined).join(" ") || undefined,
  } as const;
}

function isWrong({ error, blamed }: Pick<FieldProps, "error" | "blamed">): boolean {
  return error !== undefined || blamed;
}

function noteOf(props: Pick<FieldProps, "error" | "hint">): string | undefined {
  return props.error ?? props.hint;
}

function noteId(id: string): string {
  return `${id}-note`;
}

interface LabelledProps extends FieldProps {
  readonly mark?: ComponentChildren;
  readonly children: ComponentChildren;
}

function Labelled({ mark, children, ...props }: LabelledProps) {
  const note = noteOf(props);
  return (
    <div class={isWrong(props) ? "field field-wrong" : "field"}>
      <label class="label" for={props.id}>
        {props.label}
      </label>
      <div class={mark === undefined ? "control" : "control control-marked"}>
        {children}
        {mark}
      </div>
      {note !== undefined && (
        <p class={props.error === undefined ? "unseen" : "note"} id={noteId(props.id)}>
          {props.error !== undefined && <AlertIcon />}
          {note}
        </p>
      )}
    </div>
  );
}

interface AlertProps {
  readonly id: string;
  /** Null hides it; the element stays, so that screen readers speak what appears in it. */
  readonly text: string | null;
  /** Keeps the place of a text that no longer holds, so that the form does not jump. */
  readonly stale?: boolean;
  /** Offers "Check now", where something is being waited for anyway. */
  readonly onRetry?: (() => void) | undefined;
}

export function Alert({ id, text, stale = false, onRetry }: AlertProps) {
  const { texts } = useLanguage();
  return (
    <div class={classOf(text, stale, onRetry !== undefined)}>
      <div id={id} role="alert" class="alert-text">
        {text !== null && (
          <>
            {onRetry ? <Spinner /> : <AlertIcon />}
            <span>{text}</span>
          </>
        )}
      </div>
      {text !== null && onRetry && (
        <button type="button" class="button small-button" onClick={onRetry}>
          {texts.checkNow}
        </button>
      )}
    </div>
  );
}

/** What is only being waited for is no fault of anybody's, and does not look like one. */
function classOf(text: string | null, stale: boolean, waiting: boolean): string {
  if (text === null) return "alert-place";
  if (stale) return "alert alert-stale";
  return waiting ? "alert alert-waiting" : "alert";
}
