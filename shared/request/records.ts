import * as z from 'zod/mini';
import {
  approvalRefSchema,
  approverSchema,
  originSchema,
  PRESS_KINDS,
  personSchema,
  provisionRequestSchema,
} from '../events.ts';

/** The facts of a request, in the order in which they can come to be. A fact is written once and never changed. */

const text = (max: number) => z.string().check(z.maxLength(max));
/** In UTC, as `toISOString` writes it; `z.iso` would bring every form of time into each function. */
const at = z.string().check(z.regex(/^\d{4}-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-5]\d(\.\d+)?Z$/));

/** Why a request was refused: `code` is stable, `values` fill in the message that is written for it. */
export const refusalSchema = z.strictObject({ code: text(64), values: z.record(z.string(), text(1024)) });
export type Refusal = z.infer<typeof refusalSchema>;

const accepted = z.strictObject({ type: z.literal('accepted'), at, request: provisionRequestSchema });

/** Refused before or after it was accepted; what is known of the approval by then goes into the message. */
const refused = z.strictObject({
  type: z.literal('refused'),
  at,
  workflow: text(64),
  refusal: refusalSchema,
  approval: z.optional(approvalRefSchema),
  requester: z.optional(personSchema),
  approvers: z.optional(z.array(approverSchema)),
  origin: z.optional(originSchema),
  /** The chat that was chosen with the form. */
  chat: z.optional(text(64)),
});

/** The whole input of InvokeCommand or RunCommand, frozen: every try sends exactly this. */
export const commandInputSchema = z.strictObject({
  operation: z.enum(['InvokeCommand', 'RunCommand']),
  command_name: text(128),
  /** Only for InvokeCommand. */
  command_id: z.optional(text(128)),
  content: text(24_576),
  content_sha256: text(64),
  instances: z.array(text(64)).check(z.minLength(1), z.maxLength(100)),
  parameters: z.record(z.string(), text(8192)),
  timeout_seconds: z.number(),
  client_token: text(64),
  tags: z.record(z.string(), text(128)),
});
export type CommandInput = z.infer<typeof commandInputSchema>;

const planned = z.strictObject({ type: z.literal('planned'), at, input: commandInputSchema });
const dispatched = z.strictObject({ type: z.literal('dispatched'), at, invoke_id: text(64) });

/** How a run can end, by InvocationStatus; PartialFailed only for several instances together. */
export const RUN_ENDS = [
  'Success',
  'Failed',
  'PartialFailed',
  'Error',
  'Timeout',
  'Terminated',
  'Cancelled',
  'Invalid',
  'Aborted',
] as const;
export type RunEnd = (typeof RUN_ENDS)[number];

export const instanceResultSchema = z.strictObject({
  instance_id: text(64),
  status: z.enum(RUN_ENDS),
  exit_code: z.nullable(z.number()),
  error_code: text(128),
  error_info: text(1024),
  duration_ms: z.nullable(z.number()),
  output_sha256: text(64),
  /** The last 2 KB, cut at a character. */
  output_tail: text(2048),
  /** The first bytes, where we left out what stands between them and the tail, and the lines of that. */
  output_head: z.optional(text(512)),
  lines_omitted: z.optional(z.number()),
  /** Bytes that the agent or we left out in front of the tail. */
  output_omitted: z.number(),
  /** The facts of the script's own PROVISION_RESULT line: what the instance says, not what we know. */
  facts: z.record(z.string(), text(256)),
});
export type InstanceResult = z.infer<typeof instanceResultSchema>;

const completed = z.strictObject({
  type: z.literal('completed'),
  at,
  invoke_id: text(64),
  status: z.enum(RUN_ENDS),
  instances: z.array(instanceResultSchema),
});

/** In place of a run, where the workflow only shows what it would do. */
const observed = z.strictObject({
  type: z.literal('observed'),
  at,
  /** Instances of the plan whose agent did not answer. */
  offline: z.array(text(64)).check(z.maxLength(100)),
});

const announced = z.strictObject({
  type: z.literal('announced'),
  at,
  platform: text(32),
  chat: text(128),
  message_sha256: text(64),
  /** In whose name the result is to be written on the approval, where it is. */
  comment_as: z.optional(text(128)),
});
/** The result stands on the approval itself; `outcome` is `written`, or why it does not. */
const commented = z.strictObject({ type: z.literal('commented'), at, outcome: text(128) });
const closed = z.strictObject({ type: z.literal('closed'), at });

/** The approval holds no longer, says ingest or the reversal: what has not run yet is not to run. */
const withdrawn = z.strictObject({
  type: z.literal('withdrawn'),
  at,
  reason: z.enum(['revoked', 'not_valid']),
});
/** Withdrawn in time: nothing has run. */
const cancelled = z.strictObject({ type: z.literal('cancelled'), at, reason: z.enum(['revoked', 'not_valid']) });
/** The approval was read again before a run that comes late, and still holds. */
const confirmed = z.strictObject({ type: z.literal('confirmed'), at });
/** This approval is the reversal of another one; `to` is the request that carries it out. */
const redirected = z.strictObject({ type: z.literal('redirected'), at, to: text(80) });

/** What could not be finished in its time: listed, alarmed, told, and tried again only by a person. */
const parked = z.strictObject({
  type: z.literal('parked'),
  at,
  workflow: text(64),
  step: text(32),
  code: text(128),
  message: text(1024),
});

/** Somebody who may has pressed a button of this message. It stands beside the way of the request, and counts once. */
const pressed = z.strictObject({
  type: z.literal('pressed'),
  at,
  what: z.enum(PRESS_KINDS),
  by: personSchema,
  message: text(128),
});
/** What that press asked for has been done; `outcome` is `done`, or why it was not. */
const answered = z.strictObject({ type: z.literal('answered'), at, what: z.enum(PRESS_KINDS), outcome: text(128) });

export const factSchema = z.discriminatedUnion('type', [
  accepted,
  refused,
  planned,
  dispatched,
  completed,
  observed,
  announced,
  commented,
  closed,
  withdrawn,
  cancelled,
  confirmed,
  redirected,
  parked,
  pressed,
  answered,
]);
export type Fact = z.infer<typeof factSchema>;
export type FactOf<T extends Fact['type']> = Extract<Fact, { type: T }>;

/** A fact in its place: `seq` counts from 1, `previous` is the SHA-256 of the record before (null for the first). */
export const recordSchema = z.strictObject({
  v: z.literal(1),
  request_id: text(96),
  seq: z.number(),
  previous: z.nullable(text(64)),
  /** Who wrote it: function and invocation. */
  by: text(128),
  fact: factSchema,
});
export type JournalRecord = z.infer<typeof recordSchema>;

/** The fact of this type, if the request has it. */
export function findFact<T extends Fact['type']>(facts: readonly Fact[], type: T): FactOf<T> | undefined {
  return facts.find((fact): fact is FactOf<T> => fact.type === type);
}
