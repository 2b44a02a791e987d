/**
 * How the embed looks, as a constructed style sheet in a shadow root: no policy of the merchant's page has to allow it,
 * and no style of that page reaches it. Sizes are pixels, since a page may have made its rem anything. The colours are
 * the checkout page's own (checkout/src/style/ground.css).
 */
const CSS = `
:host { all: initial; display: block; width: 100% }
.embed {
  --paper: #fff; --ink: #13211c; --soft: #51605a; --line: #dce3df; --edge: #75847d;
  --accent: #0a6b4f; --on: #fff; --note: #fdf3da; --on-note: #5d4300;
  box-sizing: border-box;
  color-scheme: light dark;
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
  color: var(--ink);
  background: var(--paper);
}
@media (prefers-color-scheme: dark) {
  .embed {
    --paper: #161e1b; --ink: #eaf1ee; --soft: #a2b0aa; --line: #2a3531; --edge: #72827b;
    --accent: #52d1a4; --on: #04231a; --note: #32280f; --on-note: #f3cd7c;
  }
}
div.embed { border: 1px solid var(--line); border-radius: 12px; overflow: hidden }
p { margin: 0 }
.box { position: relative; overflow: hidden }
iframe { display: block; width: 100%; border: 0 }
.box:not([data-state=shown]) iframe { visibility: hidden }
.over {
  position: absolute; inset: 0; padding: 24px;
  display: flex; flex-direction: column; align-items: center; justify-content: center; gap: 16px;
  text-align: center; text-wrap: balance; color: var(--soft); outline: none;
}
.box:not([data-state=loading]) .wait, .box:not([data-state=failed]) .notice, [hidden] { display: none }
.wait::before {
  content: ""; width: 28px; height: 28px;
  border: 3px solid var(--line); border-block-start-color: var(--accent); border-radius: 50%;
}
button {
  min-height: 44px; padding: 8px 20px; box-sizing: border-box;
  border: 1px solid var(--edge); border-radius: 10px;
  font: inherit; font-weight: 600; color: inherit; background: none; cursor: pointer;
}
.first { border-color: transparent; color: var(--on); background: var(--accent) }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
dialog {
  width: min(960px, 100vw - 48px); max-width: none; max-height: calc(100vh - 48px); max-height: calc(100dvh - 48px);
  padding: 0; border: 0; border-radius: 16px; overflow: auto; overscroll-behavior: contain; scroll-padding-block-start: 60px;
  box-shadow: 0 0 0 1px var(--line), 0 24px 64px -16px rgb(0 0 0 / 45%);
}
dialog:focus { outline: none }
::backdrop { background: rgb(8 16 13 / 60%) }
.head { position: sticky; inset-block-start: 0; z-index: 1; background: var(--paper); border-block-end: 1px solid var(--line) }
.bar { display: flex; align-items: center; justify-content: space-between; gap: 16px; padding: 4px 6px; padding-inline-start: 24px; font-weight: 600 }
.bar p { min-width: 0; overflow-wrap: anywhere }
.close { flex: none; width: 44px; padding: 0; border-color: transparent; color: var(--soft); font: 28px/1 system-ui, sans-serif }
.close::before { content: "×" }
.close:hover { color: var(--ink) }
.close:focus-visible { outline-offset: -3px }
.ask { padding: 16px 24px; color: var(--on-note); background: var(--note) }
.ask div { display: flex; flex-wrap: wrap; gap: 12px; margin-block-start: 12px }
@media (max-width: 600px), (max-height: 480px) {
  dialog { inset: 0; margin: 0; width: 100%; height: 100%; max-height: none; border-radius: 0 }
  .bar, .ask { padding-inline-start: 20px }
}
@media (forced-colors: active) { dialog, .first { border: 1px solid } }
@media (prefers-reduced-motion: no-preference) {
  .box[data-state=shown] iframe { transition: height .18s ease-out }
  .wait::before { animation: turn 1s linear infinite }
  dialog[open] { animation: come .16s ease-out }
  @keyframes turn { to { rotate: 1turn } }
  @keyframes come { from { opacity: 0; translate: 0 12px } }
}`;

let sheet: CSSStyleSheet | null = null;

/** The one sheet of all embeds on a page. */
export function embedStyle(): CSSStyleSheet {
  sheet ??= sheetOf(CSS);
  return sheet;
}

/** Keeps the page behind a dialog where it is, and as wide as it is. @returns what lets it go */
export function lockScroll(): () => void {
  const { documentElement } = document;
  const gutter = innerWidth > documentElement.clientWidth ? ";scrollbar-gutter:stable" : "";
  const lock = sheetOf(`:root{overflow:hidden!important${gutter}}`);
  document.adoptedStyleSheets.push(lock);
  return () => {
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((each) => each !== lock);
  };
}

function sheetOf(css: string): CSSStyleSheet {
  const made = new CSSStyleSheet();
  made.replaceSync(css);
  return made;
}
