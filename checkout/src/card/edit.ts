/**
 * Formatting while the customer types, without fighting the caret: the caret is remembered as "after so many digits",
 * and put back there once the text has its spaces.
 */
import { digitsOf, westernDigits } from "./digits.ts";

export interface Edit {
  readonly value: string;
  readonly caret: number;
}

export type Erased = "backward" | "forward" | null;

/** Gives a text its shape; `erased` says that the customer has just deleted something from it. */
export type Shape = (text: string, erased: boolean) => string;

/**
 * What a field shows after an edit.
 * @param before what it showed before the edit
 * @param raw what the browser made of it, with its caret
 * @param erased how the edit deleted, if it did
 */
export function reshape(before: string, raw: string, caret: number, erased: Erased, shape: Shape): Edit {
  let text = westernDigits(raw);
  let ahead = digitsOf(text.slice(0, caret)).length;
  if (erased !== null && digitsOf(before) === digitsOf(text)) {
    // Only a separator went, which the shape would put back: the customer meant the digit beyond it.
    const doomed = erased === "backward" ? ahead - 1 : ahead;
    text = withoutDigit(text, doomed);
    if (erased === "backward") ahead = Math.max(ahead - 1, 0);
  }
  const atEnd = caret >= raw.length;
  const value = shape(text, erased !== null);
  return { value, caret: atEnd ? value.length : afterDigits(value, ahead) };
}

/** How an `input` event's kind (Input Events, level 2) deletes. */
export function erasedBy(inputType: string): Erased {
  if (!inputType.startsWith("delete")) return null;
  return inputType.endsWith("Forward") ? "forward" : "backward";
}

function withoutDigit(text: string, index: number): string {
  let seen = -1;
  return text.replace(/\d/g, (digit) => {
    seen += 1;
    return seen === index ? "" : digit;
  });
}

function afterDigits(text: string, count: number): number {
  if (count === 0) return 0;
  let seen = 0;
  for (let index = 0; index < text.length; index++) {
    if (/\d/.test(text.charAt(index))) seen += 1;
    if (seen === count) return index + 1;
  }
  return text.length;
}
