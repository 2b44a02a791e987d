/** The few pictures of the page; all of them decoration beside words that say the same. */
import type { ComponentChildren } from "preact";

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

export type EmblemKind = "good" | "bad" | "neutral" | "waiting";

const STROKES: Readonly<Record<Exclude<EmblemKind, "waiting">, string>> = {
  good: "m6.5 12.5 3.7 3.7 7.3-8",
  bad: "m8 8 8 8m0-8-8 8",
  neutral: "M12 6.5v6.2m0 4.1v.4",
};

/** The sign above a screen's heading. */
export function Emblem({ kind }: { readonly kind: EmblemKind }) {
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
