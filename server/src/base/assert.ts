/**
 * An assertion states what must hold whatever a caller sends. A failing one is a bug of ours: it throws, the
 * transaction rolls back, the request answers 500 and the log has the sentence. Never assert what input can cause.
 */
export function assert(condition: unknown, sentence: string): asserts condition {
  if (!condition) throw new Error(`Assertion failed: ${sentence}`);
}

/** For the end of an exhaustive `switch`: does not compile while a case is missing. */
export function unreachable(value: never): never {
  throw new Error(`Unreachable: ${JSON.stringify(value)}`);
}
