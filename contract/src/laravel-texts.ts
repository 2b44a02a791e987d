/**
 * The sentences of Laravel 8.6.12's English validation file, which merchants' programs may compare with (contract
 * section 7). Each takes the field's key, as in `order_items.0.name`, and says its display name.
 */

/** The key with spaces for underscores; a list member's key as it is. */
function displayName(key: string): string {
  return key.includes(".") ? key : key.replaceAll("_", " ");
}

export const messages = {
  required: (key: string) => `The ${displayName(key)} field is required.`,
  requiredIf: (key: string, other: string, value: string) =>
    `The ${displayName(key)} field is required when ${displayName(other)} is ${value}.`,
  numeric: (key: string) => `The ${displayName(key)} must be a number.`,
  integer: (key: string) => `The ${displayName(key)} must be an integer.`,
  boolean: (key: string) => `The ${displayName(key)} field must be true or false.`,
  string: (key: string) => `The ${displayName(key)} must be a string.`,
  array: (key: string) => `The ${displayName(key)} must be an array.`,
  email: (key: string) => `The ${displayName(key)} must be a valid email address.`,
  url: (key: string) => `The ${displayName(key)} must be a valid URL.`,
  date: (key: string) => `The ${displayName(key)} is not a valid date.`,
  after: (key: string, date: string) => `The ${displayName(key)} must be a date after ${date}.`,
  /** Laravel's `regex`; here also for too many decimals, and for U+0000 and lone surrogates. */
  format: (key: string) => `The ${displayName(key)} format is invalid.`,
  /** Laravel's `in` and `exists`. */
  in: (key: string) => `The selected ${displayName(key)} is invalid.`,
  unique: (key: string) => `The ${displayName(key)} has already been taken.`,
  min: (key: string, min: string | number) => `The ${displayName(key)} must be at least ${min}.`,
  gt: (key: string, value: string | number) => `The ${displayName(key)} must be greater than ${value}.`,
  max: (key: string, max: string | number) => `The ${displayName(key)} must not be greater than ${max}.`,
  maxCharacters: (key: string, max: number) =>
    `The ${displayName(key)} must not be greater than ${max} characters.`,
  minItems: (key: string, min: number) => `The ${displayName(key)} must have at least ${min} items.`,
  maxItems: (key: string, max: number) => `The ${displayName(key)} must not have more than ${max} items.`,
  /** Laravel's text for files; there too a kilobyte is 1024 bytes. */
  maxKilobytes: (key: string, max: number) =>
    `The ${displayName(key)} must not be greater than ${max} kilobytes.`,
  characters: (key: string, size: number) => `The ${displayName(key)} must be ${size} characters.`,
} as const;
