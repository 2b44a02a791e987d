/** The invariants that no table shows: what clients were told, what receivers and the processor saw, that everything ends. */
export const WATCHED = {
  "promises-kept": "What a client was told with success is so from then on, whatever dies.",
  "one-answer-per-key": "Every answer to one Idempotency-Key is the same, byte for byte.",
  "one-refund-per-key": "However often a refund is asked for under one Idempotency-Key, one is made.",
  "cancelled-is-not-charged":
    "Nothing is sent to the processor for a subscription once it is cancelled; what was on its way is only asked after.",
  "missed-cycles-lapse":
    "A renewal is of the cycle that is current when it is begun: one that an outage let pass is never charged.",
  "asked-before-sent-again":
    "An attempt is sent to the processor again only after it was asked what became of it.",
  "one-try-at-a-time": "A delivery has at most one try under way.",
  "acknowledged-not-sent-again": "What the books call delivered is not sent again.",
  "told-in-order": "An event's first try waits for those of its intent's earlier events.",
  "signed-for-its-endpoint":
    "Every try is signed with its endpoint's secret, with each before it for 24 hours after it was rotated away, and with no other.",
  "closed-hears-nothing":
    "Nothing more is sent to an endpoint once its owner was told that it is disabled or deleted.",
  "sent-again-when-told-so":
    "What a merchant was told is sent again is tried again, unless its endpoint is closed or changed first.",
  "delivered-was-acknowledged": "What the books call delivered was acknowledged by the receiver.",
  "all-settles": "Once nothing goes wrong any more, everything that is in flight comes to an end.",
  "no-unexpected-error": "No error but a lost database reaches a client or the log.",
} as const;

export type Watched = keyof typeof WATCHED;
