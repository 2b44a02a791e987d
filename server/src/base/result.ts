/**
 * What may go wrong by design is a value, not an exception.
 * A flow answers `Result<T, F>`; `F` is a union of named failures that the API's table turns into answers.
 */
export type Result<T, F> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: F };

export function ok<T>(value: T): Result<T, never> {
  return { ok: true, value };
}

export function fail<const F>(failure: F): Result<never, F> {
  return { ok: false, failure };
}
