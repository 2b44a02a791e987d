/**
 * Digits as people type them: an input method may give full-width or Arabic ones, and a pasted number has spaces,
 * hyphens or invisible marks in it.
 */
const ZEROS = [0xff10, 0x0660, 0x06f0];

/** The same text with full-width (Japanese), Arabic-Indic and Persian digits as `0` to `9`. */
export function westernDigits(text: string): string {
  return text.replace(/[０-９٠-٩۰-۹]/g, (digit) => {
    const code = digit.charCodeAt(0);
    const zero = ZEROS.find((start) => code >= start && code <= start + 9) ?? code;
    return String(code - zero);
  });
}

/** Only the digits of a text, western. */
export function digitsOf(text: string): string {
  return westernDigits(text).replace(/\D/g, "");
}
