import * as z from 'zod/mini';
import type { Clock } from '../../clock.ts';
import { PermanentError } from '../../errors.ts';
import { isInstanceId } from '../../ids.ts';
import type { Approval, ApprovalHint, ReadApproval } from '../platform.ts';
import type { DingtalkClient } from './client.ts';
import { componentSchema, decodeForm } from './decode-form.ts';

/** https://open.dingtalk.com/document/development/obtains-the-details-of-a-single-approval-instance-pop */
const recordSchema = z.object({
  userId: z.optional(z.nullable(z.string())),
  date: z.optional(z.nullable(z.string())),
  type: z.string(),
  result: z.optional(z.nullable(z.string())),
});
const detailSchema = z.object({
  result: z.object({
    title: z.optional(z.nullable(z.string())),
    businessId: z.optional(z.nullable(z.string())),
    status: z.string(),
    result: z.optional(z.nullable(z.string())),
    bizAction: z.optional(z.nullable(z.string())),
    mainProcessInstanceId: z.optional(z.nullable(z.string())),
    attachedProcessInstanceIds: z.optional(z.nullable(z.array(z.string()))),
    originatorUserId: z.string(),
    createTime: z.string(),
    operationRecords: z.array(recordSchema),
    formComponentValues: z.array(componentSchema),
  }),
});
type Detail = z.infer<typeof detailSchema>['result'];

/** https://open.dingtalk.com/document/development/obtain-an-approval-list-of-instance-ids */
const idsSchema = z.object({
  result: z.object({
    list: z.array(z.string()),
    nextToken: z.optional(z.nullable(z.union([z.string(), z.number()]))),
  }),
});
/** https://open.dingtalk.com/document/development/query-user-details */
const userSchema = z.object({ result: z.object({ name: z.string() }) });

/** Pages of 20 instances of one person in two days; more than this many is not a person. */
const MAX_PAGES = 25;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** A person pressed "agree". EXECUTE_TASK_AUTO is a rule of the template that agreed by itself. */
const HUMAN_RECORDS = new Set(['EXECUTE_TASK_NORMAL', 'EXECUTE_TASK_AGENT']);

interface ReadTools {
  client: DingtalkClient;
  clock: Clock;
}

/**
 * Reads an approval. The detail names no template, so that the template the callback named is confirmed by asking for
 * that template's instances of this person; names of people are looked up and fall back to their ids. What the platform
 * refuses for good, whichever call it is, refuses the request.
 */
export async function readApproval(tools: ReadTools, hint: ApprovalHint, signal?: AbortSignal): Promise<ReadApproval> {
  try {
    return await readConfirmed(tools, hint, signal);
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error;
    return { kind: 'refused', refusal: { code: 'approval_unreadable', values: { error: error.code } } };
  }
}

async function readConfirmed(
  { client, clock }: ReadTools,
  hint: ApprovalHint,
  signal?: AbortSignal,
): Promise<ReadApproval> {
  const query = { processInstanceId: hint.instance_id };
  const request = { method: 'GET', path: '/v1.0/workflow/processInstances', query, signal } as const;
  const detail = (await client.call(request, detailSchema)).result;
  const agreed = agreements(detail);
  const ids = [...new Set([detail.originatorUserId, ...agreed.map(({ id }) => id)])];
  const [belongs, ...names] = await Promise.all([
    isInstanceOf(client, clock, hint, detail, signal),
    ...ids.map((id) => userName(client, id, signal)),
  ]);
  if (!belongs)
    return { kind: 'refused', refusal: { code: 'template_mismatch', values: { code: hint.code.slice(0, 128) } } };
  const nameOf = (id: string) => names[ids.indexOf(id)] ?? id;
  return { kind: 'approval', approval: toApproval(hint, detail, agreed, nameOf) };
}

/** An answer of the detail API as an approval, with ids in place of names; undefined where it is no such answer. */
export function parseDetail(hint: ApprovalHint, answer: unknown): Approval | undefined {
  const parsed = detailSchema.safeParse(answer);
  if (!parsed.success) return undefined;
  const { result } = parsed.data;
  return toApproval(hint, result, agreements(result), (id) => id);
}

function toApproval(
  hint: ApprovalHint,
  detail: Detail,
  agreed: readonly { id: string; at: string }[],
  nameOf: (id: string) => string,
): Approval {
  return {
    instance_id: hint.instance_id,
    code: hint.code,
    title: detail.title ?? '',
    number: detail.businessId ?? '',
    state: stateOf(detail),
    kind: kindOf(detail),
    about: [detail.mainProcessInstanceId ?? ''].find(isInstanceId),
    attached: (detail.attachedProcessInstanceIds ?? []).filter(isInstanceId),
    requester: { id: detail.originatorUserId, name: nameOf(detail.originatorUserId) },
    approvers: agreed.map(({ id, at }) => ({ id, name: nameOf(id), at })),
    fields: decodeForm(detail.formComponentValues),
  };
}

function stateOf({ status, result }: Detail): Approval['state'] {
  if (status === 'COMPLETED') return result === 'agree' ? 'approved' : 'not approved';
  return status === 'RUNNING' || status === 'NEW' ? 'pending' : 'not approved';
}

/** MODIFY and REVOKE are new instances attached to an approved one; they pass approval too and must not provision. */
function kindOf({ bizAction }: Detail): Approval['kind'] {
  if (bizAction === undefined || bizAction === null || bizAction === '' || bizAction === 'NONE') return 'original';
  return bizAction === 'MODIFY' ? 'modification' : 'revocation';
}

function agreements({ operationRecords }: Detail): { id: string; at: string }[] {
  const byPerson = new Map<string, string>();
  for (const { userId, date, type, result } of operationRecords) {
    if (userId && HUMAN_RECORDS.has(type) && result?.toUpperCase() === 'AGREE') byPerson.set(userId, date ?? '');
  }
  return [...byPerson].map(([id, at]) => ({ id, at }));
}

async function isInstanceOf(
  client: DingtalkClient,
  clock: Clock,
  hint: ApprovalHint,
  detail: Detail,
  signal?: AbortSignal,
): Promise<boolean> {
  // Minute precision, and it is not documented whether the Z is meant: a day on each side covers every zone.
  const created = Date.parse(detail.createTime);
  if (Number.isNaN(created)) return false;
  const latest = platformTime(clock.now(), created);
  let nextToken = 0;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const body = {
      processCode: hint.code,
      startTime: created - DAY_MS,
      endTime: Math.min(created + DAY_MS, latest),
      userIds: [detail.originatorUserId],
      maxResults: 20,
      nextToken,
    };
    const request = { method: 'POST', path: '/v1.0/workflow/processes/instanceIds/query', body, signal } as const;
    const { result } = await client.call(request, idsSchema);
    if (result.list.includes(hint.instance_id)) return true;
    if (result.nextToken === undefined || result.nextToken === null || result.nextToken === '') return false;
    nextToken = Number(result.nextToken);
  }
  return false;
}

/** A person's name, or the id where it cannot be had. */
export async function userName(client: DingtalkClient, id: string, signal?: AbortSignal): Promise<string> {
  try {
    return (await client.callOld('/topapi/v2/user/get', { userid: id, language: 'zh_CN' }, userSchema, signal)).result
      .name;
  } catch {
    // The name is for people's eyes only: an account outside the app's scope must not stop a run.
    return id;
  }
}

/** Now, or the creation's minute where our clock is a little behind the platform's: hours off are another zone's time. */
function platformTime(now: number, created: number): number {
  const behind = created + MINUTE_MS - now;
  return behind > 0 && behind < HOUR_MS ? created + MINUTE_MS : now;
}
