/**
 * A brand makes two types of one shape different to the compiler, so that an intent's id cannot be passed where a
 * customer's is wanted. Values are born in one place each (a parser or a generator), and only there stands an `as`.
 */
declare const brand: unique symbol;
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };
