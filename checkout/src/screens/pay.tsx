/** The screen to pay on: the order beside the card form. */
import type { CheckoutSession, Model } from "../session.ts";
import { CardForm } from "./card-form.tsx";
import { Sheet } from "./frame.tsx";
import { Summary } from "./summary.tsx";

interface PayScreenProps {
  readonly model: Model;
  readonly session: CheckoutSession;
  readonly name: string;
  readonly setName: (name: string) => void;
}

export function PayScreen({ model, session, name, setName }: PayScreenProps) {
  return (
    <Sheet wide>
      <Summary view={model.view} />
      <CardForm model={model} session={session} name={name} setName={setName} />
    </Sheet>
  );
}
