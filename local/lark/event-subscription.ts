import { z } from 'zod';
import { EVENT_TYPES } from './approval-events.ts';

/** The "events and callbacks" page of the console: where events go and how they are sealed. */
export const EventSubscriptionSchema = z.strictObject({
  url: z.url({ protocol: /^https?$/ }),
  verificationToken: z.string().min(1),
  /** Absent: bodies are plain and carry no signature; the token is the only proof then. */
  encryptKey: z.string().min(1).optional(),
  /** The added event types; nothing arrives for the others. */
  events: z.array(z.enum(EVENT_TYPES)).default(['approval_instance']),
  /** Whether presses on card buttons are sent to the same address ("callbacks" in the console). */
  cardCallbacks: z.boolean().default(false),
});

export type EventSubscription = z.input<typeof EventSubscriptionSchema>;
export type ParsedSubscription = z.output<typeof EventSubscriptionSchema>;
