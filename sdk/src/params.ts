/** Parameters as callers have them: what may be left out may also be undefined, as `customer.ref` often is. */
export type Params<T> = {
  [K in keyof T]: Partial<Pick<T, K>> extends Pick<T, K> ? T[K] | undefined : T[K];
};

/** A time in ISO 8601 with its zone, or a `Date`. */
export type Time = string | Date;
