import { z } from 'zod';
import type { WidgetType } from './widget-types.ts';

const Time = z.string().regex(/^\d{4}-\d{2}-\d{2}T/);
const Period = z.object({ name: z.string(), start: Time, end: Time, interval: z.number() });
const Trip = z.object({
  start: Time,
  end: Time,
  interval: z.number(),
  departure: z.string(),
  destination: z.string(),
  transport: z.string(),
  oneRound: z.string(),
  remark: z.string(),
});

/** How the suites read: https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/approval-v4/instance/get */
const SUITES: Partial<Record<WidgetType, z.ZodType>> = {
  leaveGroup: Period,
  leaveGroupV2: Period.extend({ unit: z.enum(['DAY', 'HOUR']), reason: z.string() }),
  workGroup: Period.extend({ reason: z.string() }),
  remedyGroup: z.object({ time: Time, reason: z.string() }),
  shiftGroup: z.object({ shiftTime: Time, returnTime: Time, reason: z.string() }),
  tripGroup: z.object({
    schedule: z.array(Trip).min(1),
    interval: z.number(),
    reason: z.string(),
    peer: z.array(z.string()),
  }),
  outGroup: z.record(z.string(), z.unknown()),
};

/** Suites are written as they read; one of them reads with another type. */
export function readSuite({ value }: { value?: unknown }, { type }: { type: WidgetType }) {
  const read = SUITES[type]?.safeParse(value);
  if (!read?.success) return undefined;
  return { ...(type === 'leaveGroupV2' ? { type: 'widgetLeaveGroupV2' } : {}), value: read.data };
}
