import * as z from 'zod/mini';

/**
 * What stands around an event, in two versions; approvals come in the first.
 * https://open.feishu.cn/document/ukTMukTMukTM/uUTNz4SN1MjL1UzM
 */
const timeSchema = z.optional(z.union([z.string(), z.number()]));
const firstSchema = z.object({
  type: z.literal('event_callback'),
  ts: timeSchema,
  event: z.object({ type: z.string() }),
});
const secondSchema = z.object({
  header: z.object({ event_type: z.string(), create_time: timeSchema }),
  event: z.unknown(),
});
const tokenSchema = z.object({ token: z.string() });
const headerTokenSchema = z.object({ header: tokenSchema });
const eventSchema = z.object({ event: z.unknown() });

export interface Envelope {
  type: string;
  event: unknown;
  /** In milliseconds, where it says so. */
  sentAt?: number;
}

/** The verification token of the message, in whichever version it is written. */
export function tokenOf(json: unknown): string | undefined {
  const header = headerTokenSchema.safeParse(json);
  if (header.success) return header.data.header.token;
  const top = tokenSchema.safeParse(json);
  return top.success ? top.data.token : undefined;
}

export function readEnvelope(json: unknown): Envelope | undefined {
  const { event } = eventSchema.safeParse(json).data ?? {};
  const second = secondSchema.safeParse(json);
  if (second.success) {
    const { event_type, create_time } = second.data.header;
    return { type: event_type, event, ...timeOf(create_time) };
  }
  const first = firstSchema.safeParse(json);
  if (first.success) return { type: first.data.event.type, event, ...timeOf(first.data.ts) };
  return undefined;
}

/** Seconds with a fraction in the first version; milli- or microseconds in the second, which the digits tell. */
function timeOf(time: string | number | undefined): { sentAt?: number } {
  const [, whole = '', fraction = ''] = /^(\d{10}|\d{13}|\d{16})(\.\d{1,9})?$/.exec(String(time)) ?? [];
  if (whole === '') return {};
  return { sentAt: Math.floor(Number(whole + fraction) * 10 ** (13 - whole.length)) };
}
