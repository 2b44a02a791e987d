/** From the repository's Markdown to the HTML of a page, its links turned to where the platform shows what they name. */
import { escapeHtml } from "@mintro/checkout/document";
import { Marked, type Tokens } from "marked";
import { addressOf, targetOf } from "./addresses.ts";

/** `text` is plain: whoever shows it, escapes it. */
export type Heading = { readonly id: string; readonly text: string; readonly depth: number };

export type Article = {
  /** Of its first heading. */
  readonly title: string;
  readonly html: string;
  readonly headings: readonly Heading[];
  /** The repository's paths that it links to, with their fragments. */
  readonly links: readonly { readonly path: string; readonly hash: string }[];
};

/** `path` is the repository's; `base` the path of the public address, "" or such as "/mintro". */
export function renderMarkdown(path: string, source: string, base: string): Article {
  const headings: Heading[] = [];
  const links: Article["links"][number][] = [];
  const addressIn = (href: string): string => {
    const target = targetOf(path, href);
    if (target === null) return href;
    links.push(target);
    const address = addressOf(target.path);
    return address === null ? href : `${base}${address}${target.hash}`;
  };
  const marked = new Marked({
    gfm: true,
    renderer: {
      heading({ tokens, depth }: Tokens.Heading): string {
        const html = this.parser.parseInline(tokens);
        const text = unescapeHtml(this.parser.parseInline(tokens, this.parser.textRenderer));
        const id = idOf(text, headings);
        headings.push({ id, text, depth });
        return `<h${depth} id="${id}">${html}</h${depth}>\n`;
      },
      link({ href, tokens }: Tokens.Link): string {
        return `<a href="${escapeHtml(addressIn(href))}">${this.parser.parseInline(tokens)}</a>`;
      },
      image({ href, text }: Tokens.Image): string {
        return `<img src="${escapeHtml(addressIn(href))}" alt="${escapeHtml(text)}" loading="lazy">`;
      },
      code({ text, lang }: Tokens.Code): string {
        return `<pre tabindex="0" data-language="${escapeHtml(lang ?? "")}"><code>${escapeHtml(text)}</code></pre>\n`;
      },
      table({ header, rows }: Tokens.Table): string {
        const cells = (row: readonly Tokens.TableCell[], tag: "td" | "th"): string =>
          row.map(({ tokens }) => `<${tag}>${this.parser.parseInline(tokens)}</${tag}>`).join("");
        const head = header.some(({ text }) => text !== "")
          ? `<thead><tr>${cells(header, "th")}</tr></thead>`
          : "";
        const body = rows.map((row) => `<tr>${cells(row, "td")}</tr>`).join("\n");
        return `<div class="table" tabindex="0"><table>${head}<tbody>${body}</tbody></table></div>\n`;
      },
    },
  });
  const html = marked.parse(source, { async: false });
  return { title: headings[0]?.text ?? path, html, headings, links };
}

/** As GitHub makes them: so the fragments in the texts hold in both places. */
function idOf(text: string, taken: readonly Heading[]): string {
  const slug = text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    .trim()
    .replaceAll(/\s/g, "-");
  const same = taken.filter(({ id }) => id === slug || id.replace(/-\d+$/, "") === slug).length;
  return same === 0 ? slug : `${slug}-${same}`;
}

/** Marked's texts come escaped. */
function unescapeHtml(text: string): string {
  return text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&");
}
