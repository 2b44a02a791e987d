/** What somebody sees who followed a wrong link or mistyped an address: that there is nothing, and the ways on. */
import { htmlPage } from "./layout.ts";

/** `base`: the path of the public address, "" or such as "/mintro". */
export function notFoundPage(base: string): string {
  return htmlPage(base, {
    title: "There is nothing here",
    kind: "article",
    body: `<main id="main"><article>
<h1>There is nothing here</h1>
<p>No page of this Mintro has this address. From here you find on:</p>
<ul>
<li><a href="${base}/">The start</a>, with the first steps</li>
<li><a href="${base}/docs/guides/first-payment">The guides</a></li>
<li><a href="${base}/docs">The API reference</a></li>
</ul>
</article></main>`,
  });
}
