import { z } from 'zod';

/** https://opensource.dingtalk.com/developerpedia/docs/learn/stream/protocol : text frames, each one JSON object. */
export interface DownFrame {
  specVersion: '1.0';
  type: 'SYSTEM' | 'EVENT' | 'CALLBACK';
  /** All values are texts. */
  headers: Readonly<Record<string, string>>;
  /** JSON as text. */
  data: string;
}

const SubscriptionSchema = z.object({ type: z.enum(['EVENT', 'CALLBACK', 'SYSTEM']), topic: z.string() });
export type Subscription = z.infer<typeof SubscriptionSchema>;

/** What the company's app subscribed to, as it is told when a connection is opened. */
export const OpenRequestSchema = z.object({
  clientId: z.string().min(1),
  clientSecret: z.string().min(1),
  subscriptions: z.array(SubscriptionSchema).min(1),
});

/**
 * What comes up. The official clients for Node.js leave `data` out where a listener returned nothing, and those for
 * Python put the handler's own data there, without a `status`.
 */
export const UpFrameSchema = z.object({
  code: z.number(),
  headers: z.looseObject({ messageId: z.string() }),
  message: z.string().optional(),
  data: z.string().optional(),
});
export type UpFrame = z.infer<typeof UpFrameSchema>;

export const EventAnswerSchema = z.object({ status: z.string().optional(), message: z.string().optional() });

/** The answer to a callback: `response` is for the topic to say. */
export const CallbackAnswerSchema = z.object({ response: z.unknown() });

/** An event without its frame. */
export interface StreamEvent {
  eventType: string;
  eventId: string;
  /** When it happened, in ms. */
  eventBornTime: number;
  /** The business fields: https://open.dingtalk.com/document/development/event-bpms-instance-change */
  data: Readonly<Record<string, unknown>>;
}
