import { z } from 'zod';
import { EVENT_TYPES } from './approval-events.ts';

/** The "event subscription" page of the console: where events go and how they are sealed. */
export const EventSubscriptionSchema = z.strictObject({
  url: z.url({ protocol: /^https?$/ }),
  /** 3 to 32 letters and digits; the older register API took up to 63. */
  token: z.string().regex(/^[A-Za-z0-9]{3,63}$/, 'a token is 3 to 63 letters and digits'),
  aesKey: z.string().regex(/^[A-Za-z0-9]{43}$/, 'an aes key is 43 letters and digits'),
  /** The app's appKey for a subscription made in the console, the corpId for the older register API. */
  ownerKey: z.string().min(1),
  /** The ticked event types; nothing arrives for the others. */
  events: z.array(z.enum(EVENT_TYPES)).default(['bpms_instance_change']),
  paddingBlockBytes: z.union([z.literal(16), z.literal(32)]).default(32),
});

export type EventSubscription = z.input<typeof EventSubscriptionSchema>;
export type ParsedSubscription = z.output<typeof EventSubscriptionSchema>;
