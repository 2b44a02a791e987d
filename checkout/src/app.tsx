/** Which page the customer sees, and what happens to focus, title and announcement when it becomes another one. */
import { useEffect, useRef, useState } from "preact/hooks";
import { useLanguage } from "./language-context.ts";
import type { MountFields } from "./mount-fields.ts";
import { FIELD_IDS } from "./screens/card-entry.ts";
import { FailedScreen, OverScreen } from "./screens/ending.tsx";
import { FIELDS_ID } from "./screens/fields-form.tsx";
import { CHECKOUT_HEADING_ID } from "./screens/frame.tsx";
import { PaidScreen } from "./screens/paid.tsx";
import { PayScreen, type PayScreenProps } from "./screens/pay.tsx";
import { ActionScreen, CanceledHereScreen, ProcessingScreen } from "./screens/waiting.tsx";
import type { CheckoutSession, Model } from "./session.ts";

type Screen = "pay" | "canceled_here" | "processing" | "action" | "paid" | "cancelled" | "expired" | "failed";

function screenOf({ view, canceledHere }: Model): Screen {
  switch (view.status) {
    case "requires_payment":
      return canceledHere ? "canceled_here" : "pay";
    case "requires_action":
      return "action";
    case "succeeded":
      return "paid";
    case "processing":
    case "cancelled":
    case "expired":
    case "failed":
      return view.status;
  }
}

interface AppProps {
  readonly session: CheckoutSession;
  readonly mountFields: MountFields;
}

export function App({ session, mountFields }: AppProps) {
  const [model, setModel] = useState(session.model);
  // The name outlives the form: after a decline that came by way of another screen it is still there.
  const [name, setName] = useState(model.view.customer.name);
  useEffect(() => {
    setModel(session.model);
    return session.subscribe(() => setModel(session.model));
  }, [session]);
  const screen = screenOf(model);
  const announcement = useArrival(screen, model, session.returned);
  return (
    <>
      <Current
        screen={screen}
        model={model}
        session={session}
        name={name}
        setName={setName}
        mountFields={mountFields}
      />
      <p class="unseen" role="status">
        {announcement}
      </p>
    </>
  );
}

interface CurrentProps extends PayScreenProps {
  readonly screen: Screen;
}

function Current({ screen, ...props }: CurrentProps) {
  const { model, session } = props;
  const { view } = model;
  switch (screen) {
    case "pay":
      return <PayScreen {...props} />;
    case "canceled_here":
      return <CanceledHereScreen view={view} onResume={() => session.resume()} />;
    case "processing":
      return <ProcessingScreen view={view} connected={model.connected} onRetry={() => session.refresh()} />;
    case "action":
      return <ActionScreen view={view} leaving={model.leaving} />;
    case "paid":
      return <PaidScreen view={view} leaving={model.leaving} />;
    case "cancelled":
    case "expired":
      return <OverScreen view={view} kind={screen} />;
    case "failed":
      return <FailedScreen view={view} />;
  }
}

/**
 * On arriving at another screen, moves the focus to its heading (or to the card number or the fields, where a new card is wanted)
 * and names the document after it. Focus is only moved within a page that has it: a frame must not take it from the
 * merchant's page; there the heading is announced instead.
 */
function useArrival(screen: Screen, { view }: Model, returned: boolean): string {
  const { texts, say } = useLanguage();
  const first = useRef(true);
  const [announcement, setAnnouncement] = useState("");
  useEffect(() => {
    const opening = first.current;
    first.current = false;
    const title = titleOf(screen, texts);
    document.title =
      screen === "pay" ? say(title, { merchant: view.merchant }) : `${title} · ${view.merchant}`;
    if (opening && !(returned && view.last_failure)) return;
    const fields = view.collection === "our_form" ? FIELD_IDS.number : FIELDS_ID;
    const target = screen === "pay" && view.last_failure ? fields : CHECKOUT_HEADING_ID;
    if (document.hasFocus()) document.getElementById(target)?.focus();
    else if (!opening) setAnnouncement(document.title);
  }, [screen]);
  return announcement;
}

function titleOf(screen: Screen, texts: ReturnType<typeof useLanguage>["texts"]): string {
  if (screen === "pay") return texts.heading;
  if (screen === "canceled_here") return texts.canceledHere.title;
  return texts[screen].title;
}
