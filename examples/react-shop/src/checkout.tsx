/** Mintro's checkout as a component: inline where it stands, or with `modal` in a dialog above the page. */
import { type Closing, mountCheckout } from "@mintro/sdk/embed";
import { useEffect, useEffectEvent, useRef } from "react";

type Props = {
  readonly paymentUrl: string;
  readonly modal: boolean;
  readonly onPaid: () => void;
  readonly onCanceled: () => void;
  /** The customer closed the dialog; in the phases `processing` and `challenge` an outcome is still to come. */
  readonly onClosed: (phase: Closing["phase"]) => void;
};

export function Checkout({ paymentUrl, modal, ...callbacks }: Props) {
  const container = useRef<HTMLDivElement>(null);
  // Callbacks are new functions at each render. As effect events they are always the latest, and remount nothing.
  const onPaid = useEffectEvent(callbacks.onPaid);
  const onCanceled = useEffectEvent(callbacks.onCanceled);
  const onClosed = useEffectEvent(callbacks.onClosed);

  useEffect(() => {
    if (!container.current) return;
    const checkout = mountCheckout({
      paymentUrl,
      ...(modal ? { modal } : { container: container.current }),
      onSuccess: () => onPaid(),
      onCanceled: () => onCanceled(),
      onClose: ({ phase }) => onClosed(phase),
      onError: (error) => {
        // The customer is told in the frame itself. This is for you.
        if (error.type === "unavailable") console.warn(error.advice);
      },
    });
    // Also between the two mounts of StrictMode: takes the frame away and calls nobody.
    return () => checkout.unmount();
  }, [paymentUrl, modal]);

  return <div ref={container} />;
}
