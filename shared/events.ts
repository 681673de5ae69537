import * as z from 'zod/mini';
import { idempotencyKey, isRequestId, PLATFORM_NAMES } from './ids.ts';
import { parseJson } from './json.ts';

/**
 * The event contract: CloudEvents 1.0 in JSON on EventBridge. An event only says "look at this request": our own
 * handlers take `request_id` (or `invokeId`) from it and read everything else from the journal and the APIs. The other
 * data are for subscribers such as an audit or a CMDB.
 */

const text = (max: number) => z.string().check(z.maxLength(max));

export const requestIdSchema = z.string().check(z.refine(isRequestId, 'not a request id'));

export const personSchema = z.strictObject({ id: text(128), name: text(256) });
export type Person = z.infer<typeof personSchema>;

export const approverSchema = z.strictObject({ id: text(128), name: text(256), at: text(40) });

/** The approval as people know it: the platform's instance, its template's code, its title and its business number. */
export const approvalRefSchema = z.strictObject({
  instance_id: text(64),
  code: text(128),
  title: text(512),
  number: text(64),
});

/** Typed and allow-listed values by parameter name. */
export const parametersSchema = z.record(z.string(), text(4096));
export type Parameters = z.infer<typeof parametersSchema>;

/** Where in a group a request was asked for: the chat by its configured name, and the message that asked. */
export const originSchema = z.strictObject({ chat: text(64), message_id: text(128) });
export type Origin = z.infer<typeof originSchema>;

export const provisionRequestSchema = z.strictObject({
  request_id: requestIdSchema,
  workflow: text(64),
  action: z.enum(['provision', 'revoke']),
  platform: z.enum(PLATFORM_NAMES),
  tenant: text(128),
  approval: approvalRefSchema,
  requester: personSchema,
  approvers: z.array(approverSchema),
  parameters: parametersSchema,
  /** Only where it was asked for in a group. */
  origin: z.optional(originSchema),
  /** Only for an attempt that a person asked for. */
  retry: z.optional(z.strictObject({ of: requestIdSchema, by: text(128), reason: text(512) })),
  /** Only where a run is for some instances: those that failed, or those of the run that is undone. */
  instances: z.optional(z.array(text(64)).check(z.minLength(1), z.maxLength(100))),
});
export type ProvisionRequest = z.infer<typeof provisionRequestSchema>;

export const provisionStartedSchema = z.strictObject({
  request_id: requestIdSchema,
  invoke_id: text(64),
  command: text(128),
  instances: z.array(text(64)),
});
export type ProvisionStarted = z.infer<typeof provisionStartedSchema>;

/** What a button of a message asks for. */
export const PRESS_KINDS = ['stop', 'retry', 'output'] as const;
export type PressKind = (typeof PRESS_KINDS)[number];

/** Somebody who may has pressed a button of the request's message. */
export const provisionPressedSchema = z.strictObject({
  request_id: requestIdSchema,
  what: z.enum(PRESS_KINDS),
  by: personSchema,
});
export type ProvisionPressed = z.infer<typeof provisionPressedSchema>;

export const provisionRefusedSchema = z.strictObject({ request_id: requestIdSchema, code: text(128) });
export type ProvisionRefused = z.infer<typeof provisionRefusedSchema>;

/** The audit summary that ends every request. */
export const provisionCompletedSchema = z.strictObject({
  request_id: requestIdSchema,
  workflow: text(64),
  status: text(32),
  refusal: z.optional(text(128)),
  requester: z.optional(personSchema),
  approvers: z.array(approverSchema),
  approval: z.optional(approvalRefSchema),
  parameters: parametersSchema,
  invoke_id: z.optional(text(64)),
  instances: z.array(
    z.strictObject({
      instance_id: text(64),
      status: text(32),
      exit_code: z.nullable(z.number()),
      output_sha256: text(64),
      output_tail: text(2048),
    }),
  ),
  last_record_sha256: text(64),
});
export type ProvisionCompleted = z.infer<typeof provisionCompletedSchema>;

export type OwnEvent =
  | { type: 'ProvisionRequest'; source: 'dingtalk.approval' | 'lark.approval'; data: ProvisionRequest }
  | { type: 'ProvisionStarted'; source: 'approval-loop.dispatch'; data: ProvisionStarted }
  | { type: 'ProvisionRefused'; source: 'approval-loop.ingest' | 'approval-loop.dispatch'; data: ProvisionRefused }
  | { type: 'ProvisionPressed'; source: 'approval-loop.ingest'; data: ProvisionPressed }
  | { type: 'ProvisionCompleted'; source: 'approval-loop.notify'; data: ProvisionCompleted };

/** Every source that publishes to the custom bus; `setup` registers each of them. */
export const EVENT_SOURCES = [
  'dingtalk.approval',
  'lark.approval',
  'approval-loop.ingest',
  'approval-loop.dispatch',
  'approval-loop.notify',
  'approval-loop.doctor',
] as const;

/** Asks every function that it reaches for a sign of life; nothing else happens. Published by `doctor` alone. */
export const PROBE = { type: 'Probe', source: 'approval-loop.doctor' } as const;

/** An event's id: the same event published again has the same id, so a subscriber can drop the double. */
export function eventIdOf(event: OwnEvent): string {
  const purpose = event.type === 'ProvisionPressed' ? `${event.type} ${event.data.what}` : event.type;
  return idempotencyKey(event.data.request_id, purpose);
}

/** `ecs:CloudAssistant:TaskCompleted` of source `acs.ecs`: one for each instance that ended, results not included. */
export const TASK_COMPLETED = 'ecs:CloudAssistant:TaskCompleted';

/** What reaches dispatch and notify, as far as they look at it. */
const requestEventSchema = z.object({
  type: z.enum(['ProvisionRequest', 'ProvisionStarted', 'ProvisionRefused', 'ProvisionPressed']),
  data: z.object({ request_id: requestIdSchema }),
});
const probeSchema = z.object({
  type: z.literal(PROBE.type),
  source: z.literal(PROBE.source),
  data: z.object({ probe_id: z.string().check(z.regex(/^[a-f0-9]{32}$/)) }),
});
const taskCompletedSchema = z.object({
  type: z.literal(TASK_COMPLETED),
  source: z.literal('acs.ecs'),
  data: z.object({ invokeId: text(64) }),
});
/** FC's timer event; `triggerTime` as sent by the service. */
const timerSchema = z.object({ triggerTime: z.string(), triggerName: z.string() });

export type Trigger =
  | { kind: 'request'; requestId: string }
  | { kind: 'invocation'; invokeId: string }
  | { kind: 'probe'; probeId: string }
  | { kind: 'timer' }
  | { kind: 'unknown' };

/** Reads the bytes a function was invoked with; anything that is none of ours is `unknown`. */
export function parseTrigger(payload: Buffer): Trigger {
  const event = parseJson(payload);
  const request = requestEventSchema.safeParse(event);
  if (request.success) return { kind: 'request', requestId: request.data.data.request_id };
  const completed = taskCompletedSchema.safeParse(event);
  if (completed.success) return { kind: 'invocation', invokeId: completed.data.data.invokeId };
  const probe = probeSchema.safeParse(event);
  if (probe.success) return { kind: 'probe', probeId: probe.data.data.probe_id };
  return timerSchema.safeParse(event).success ? { kind: 'timer' } : { kind: 'unknown' };
}
