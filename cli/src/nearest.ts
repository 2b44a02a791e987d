/** What somebody meant who mistyped a name. */

/** The one of `names` that differs least from `text`; null where even that differs in more than a quarter of its letters. */
export function nearest(text: string, names: readonly string[]): string | null {
  let best: { readonly name: string; readonly edits: number } | null = null;
  for (const name of names) {
    const edits = editsBetween(text.toLowerCase(), name);
    if (edits <= name.length / 4 && (best === null || edits < best.edits)) best = { name, edits };
  }
  return best?.name ?? null;
}

/** How many letters must be put in, left out or changed (Levenshtein), row by row. */
function editsBetween(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (const [at, letter] of from.split("").entries()) {
    const next = [at + 1];
    for (const [place, other] of to.split("").entries()) {
      const changed = (row[place] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(changed, (row[place + 1] ?? 0) + 1, (next[place] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
