/** The few pictures of the page; all of them decoration beside words that say the same. */
import type { ComponentChildren } from "preact";
import { type EmblemKind, STROKES } from "../strokes.ts";

function Icon({ children, class: className = "icon" }: { children: ComponentChildren; class?: string }) {
  return (
    <svg class={className} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      {children}
    </svg>
  );
}

export function AlertIcon() {
  return (
    <Icon>
      <path d="M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20Zm-1.1 5h2.2v7h-2.2V7Zm1.1 11.2a1.4 1.4 0 1 1 0-2.8 1.4 1.4 0 0 1 0 2.8Z" />
    </Icon>
  );
}

export function LockIcon() {
  return (
    <Icon>
      <path d="M17 9V7A5 5 0 0 0 7 7v2a2 2 0 0 0-2 2v8a2 2 0 0 0 2 2h10a2 2 0 0 0 2-2v-8a2 2 0 0 0-2-2ZM9 7a3 3 0 0 1 6 0v2H9V7Zm4 9.4V18h-2v-1.6a1.8 1.8 0 1 1 2 0Z" />
    </Icon>
  );
}

export function Spinner() {
  return (
    <span class="spinner" aria-hidden="true">
      <span />
      <span />
      <span />
    </span>
  );
}

/** The sign above a screen's heading. */
export function Emblem({ kind }: { readonly kind: EmblemKind | "waiting" }) {
  return (
    <div class={`emblem emblem-${kind}`}>
      {kind === "waiting" ? (
        <Spinner />
      ) : (
        <Icon class="emblem-icon">
          <path d={STROKES[kind]} />
        </Icon>
      )}
    </div>
  );
}
