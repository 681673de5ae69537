import * as z from 'zod/mini';
import { parseJson } from '../../shared/json.ts';
import { readApprovalEvent } from '../../shared/platforms/dingtalk/approval-event.ts';
import type { PlatformCallback, PlatformEvent } from '../connection.ts';

/** https://opensource.dingtalk.com/developerpedia/docs/learn/stream/protocol */
const frameSchema = z.object({
  type: z.string(),
  headers: z.object({ topic: z.optional(z.string()), messageId: z.optional(z.string()) }),
  data: z.optional(z.string()),
});
/** What comes in place of a frame once the month's quota of events is used up. */
const errorSchema = z.object({ errorCode: z.union([z.string(), z.number()]) });
const callbackHeadersSchema = z.object({ headers: z.object({ messageId: z.string(), topic: z.string() }) });
/** `topic` says nothing about an event: `*` and `dingTalk` were both seen. */
const eventHeadersSchema = z.object({
  headers: z.object({
    messageId: z.string(),
    eventType: z.string(),
    eventId: z.optional(z.string()),
    eventBornTime: z.optional(z.string()),
    time: z.optional(z.string()),
  }),
});

export type StreamFrame =
  /** The SDK answers it where it wants an answer. `leave`: the server closes this connection soon. */
  | { kind: 'system'; leave: boolean }
  | { kind: 'event'; messageId: string; event: PlatformEvent }
  | { kind: 'callback'; messageId: string; callback: PlatformCallback }
  | { kind: 'fault'; reason: string };

/** What one message of the socket is. Never throws. */
export function readFrame(text: string): StreamFrame {
  const fault = (reason: string): StreamFrame => ({ kind: 'fault', reason });
  const json = parseJson(text);
  const error = errorSchema.safeParse(json);
  if (error.success) return fault(`error ${String(error.data.errorCode).slice(0, 32)} in place of a frame`);
  const frame = frameSchema.safeParse(json);
  if (!frame.success) return fault('not a frame in JSON');
  const { type, headers, data } = frame.data;
  if (type === 'SYSTEM') return { kind: 'system', leave: headers.topic === 'disconnect' };
  if (type === 'CALLBACK') {
    const callback = callbackHeadersSchema.safeParse(json);
    if (!callback.success) return fault('a callback without messageId or topic');
    const { messageId, topic } = callback.data.headers;
    return {
      kind: 'callback',
      messageId,
      callback: { platform: 'dingtalk', topic, id: messageId, data: parseJson(data ?? '') },
    };
  }
  if (type !== 'EVENT') return fault(`a frame of type ${type.slice(0, 32)} that nobody asked for`);
  const event = eventHeadersSchema.safeParse(json);
  if (!event.success) return fault('an event without messageId or eventType');
  const { messageId, eventType, eventId = messageId, eventBornTime, time } = event.data.headers;
  const said = readApprovalEvent(eventType, parseJson(data ?? ''));
  const sentAt = Number(eventBornTime ?? time);
  return {
    kind: 'event',
    messageId,
    event: { platform: 'dingtalk', id: eventId, type: eventType, said, sentAt: Number.isFinite(sentAt) ? sentAt : 0 },
  };
}
