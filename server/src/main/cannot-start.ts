/**
 * What keeps the platform from starting and is the operator's to mend: a wrong value, a folder that cannot be
 * written, a database that does not answer. The entry point prints `message` alone, without a stack, and exits 1.
 * The message is therefore one line that says what was found and what to do.
 */
export class CannotStart extends Error {
  override readonly name: string = "CannotStart";

  constructor(message: string, options?: ErrorOptions) {
    super(message.replaceAll(/\s*\n\s*/g, " ").trim(), options);
  }
}

/** The `code` of a system error (`"EACCES"`), or undefined for anything else that was thrown. */
export function systemErrorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
