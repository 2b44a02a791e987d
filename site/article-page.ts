/** A guide, or any other text of the repository, with the list of all beside it. */
import { escapeHtml } from "@mintro/checkout/document";
import { CONTENTS, partOf } from "./contents.ts";
import { htmlPage } from "./layout.ts";
import type { Library } from "./library.ts";

export const COPY_SCRIPT = "/docs/assets/copy.js";

/** Null where there is no article of this address. */
export function articlePage(base: string, library: Library, address: string): string | null {
  const article = library.articles.get(address);
  if (!article) return null;
  const inside = article.headings.filter(({ depth }) => depth === 2);
  const onThisPage =
    inside.length < 2
      ? ""
      : `<nav class="inside" aria-label="On this page"><p>On this page</p><ul>${inside
          .map(({ id, text }) => `<li><a href="#${id}">${escapeHtml(text)}</a></li>`)
          .join("")}</ul></nav>`;
  return htmlPage(base, {
    title: article.title,
    part: partOf(address),
    kind: "article",
    scripts: [COPY_SCRIPT],
    body: `<div class="columns">
${sideList(base, library, address)}
<main id="main"><article>
${article.html}</article></main>
${onThisPage}
</div>`,
  });
}

/** The list of all articles; on small screens it folds up. */
function sideList(base: string, library: Library, current: string): string {
  const sections = CONTENTS.map(({ title, addresses }) => {
    const entries = addresses.flatMap((address) => {
      const article = library.articles.get(address);
      if (!article) return [];
      const here = address === current ? ' aria-current="page"' : "";
      return [`<li><a href="${base}${address}"${here}>${escapeHtml(article.title)}</a></li>`];
    });
    return `<p>${title}</p><ul>${entries.join("")}</ul>`;
  });
  return `<nav class="contents" aria-label="All pages"><details open><summary>All pages</summary>${sections.join("\n")}</details></nav>`;
}

/** A source that an article links to, as it stands. */
export function sourcePage(base: string, path: string, source: string): string {
  return htmlPage(base, {
    title: path,
    kind: "article",
    part: "guides",
    scripts: [COPY_SCRIPT],
    body: `<div class="columns"><main id="main"><article>
<h1><code>${escapeHtml(path)}</code></h1>
<pre tabindex="0"><code>${escapeHtml(source)}</code></pre>
</article></main></div>`,
  });
}
