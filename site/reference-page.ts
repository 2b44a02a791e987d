/**
 * The interactive reference: Scalar over our own OpenAPI document, every byte served from here. Its Fastify plugin holds
 * the script as a text of several megabytes and draws its page with an inline script; so the script is taken out of the
 * plugin when somebody first asks for it, and the page is ours, with no inline script.
 */
import { OPENAPI } from "./addresses.ts";
import { htmlPage } from "./layout.ts";

export const REFERENCE_SCRIPT = "/docs/assets/reference.js";
export const SCALAR_SCRIPT = "/docs/assets/scalar.js";

export function referencePage(base: string): string {
  return htmlPage(base, {
    title: "API reference",
    part: "reference",
    kind: "reference",
    scripts: [SCALAR_SCRIPT, REFERENCE_SCRIPT],
    body: `<main id="main"><div id="reference" data-document="${base}${OPENAPI}"></div>
<noscript><p>The interactive reference needs JavaScript. The <a href="${base}/docs/api">reference as a page</a> does without.</p></noscript></main>`,
  });
}

/** Scalar's own script. */
export async function scalarScript(): Promise<Buffer> {
  const [{ default: scalar }, { fastify }] = await Promise.all([
    import("@scalar/fastify-api-reference"),
    import("fastify"),
  ]);
  const shelf = fastify();
  try {
    await shelf.register(scalar, { routePrefix: "/reference", configuration: { url: "/openapi.json" } });
    const { statusCode, rawPayload } = await shelf.inject("/reference/js/scalar.js");
    if (statusCode !== 200) throw new Error(`Scalar's plugin answered ${statusCode} for its script`);
    return rawPayload;
  } finally {
    await shelf.close();
  }
}
