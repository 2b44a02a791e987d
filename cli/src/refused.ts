/** How a command ends that cannot do what was asked; `mintro.ts` turns each into its exit code (see `mintro --help`). */

/** What was asked for cannot be done; its message is for the person who asked. Exit code 1. */
export class Refused extends Error {
  override readonly name = "Refused";
}

/** The Mintro that was named does not answer, or not now; its message is for the person who asked. Exit code 2. */
export class Unreachable extends Error {
  override readonly name = "Unreachable";
}
