/** Whether somebody reads the answer in a browser, told by the request's `Accept` header (RFC 9110, 12.5.1). */

/** True where HTML is named and wanted more than JSON. `*` alone, which programs send, wants neither more. */
export function prefersHtml(accept: string | undefined): boolean {
  const ranges = (accept ?? "").split(",").map(readRange);
  const weightOf = (...names: readonly string[]): number => {
    const found = names.map((name) => ranges.find((range) => range.name === name));
    return found.find((range) => range !== undefined)?.weight ?? 0;
  };
  return weightOf("text/html") > weightOf("application/json", "application/*", "*/*");
}

function readRange(text: string): { readonly name: string; readonly weight: number } {
  const [name = "", ...parameters] = text.split(";").map((part) => part.trim().toLowerCase());
  const given = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2);
  const weight = given === undefined ? 1 : Number(given);
  return { name, weight: weight >= 0 && weight <= 1 ? weight : 0 };
}
