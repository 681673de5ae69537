import * as z from 'zod/mini';
import { PermanentError } from '../../errors.ts';
import { isInstanceId } from '../../ids.ts';
import { parseJson } from '../../json.ts';
import type { Approval, ApprovalHint, ReadApproval } from '../platform.ts';
import { badAnswer, type LarkClient } from './client.ts';
import { decodeForm, type Widget, widgetSchema } from './decode-form.ts';

const text = z.optional(z.nullable(z.string()));
/** https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/approval-v4/instance/get */
const entrySchema = z.object({ type: z.string(), create_time: text, open_id: text });
const detailSchema = z.object({
  approval_code: z.string(),
  approval_name: text,
  instance_code: z.string(),
  serial_number: text,
  status: z.string(),
  reverted: z.optional(z.nullable(z.boolean())),
  reverted_instance_code: text,
  modified_instance_code: text,
  open_id: z.string(),
  form: z.string(),
  timeline: z._default(z.nullable(z.array(entrySchema)), []),
});
type Detail = z.infer<typeof detailSchema>;

const formSchema = z.array(widgetSchema);
/** https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/contact-v3/user/get */
const userSchema = z.object({ user: z.object({ name: z.string().check(z.minLength(1)) }) });

/**
 * Reads an approval and confirms that it belongs to the definition that the callback named; names of people are looked
 * up and fall back to their ids. What the platform refuses for good refuses the request.
 */
export async function readApproval(
  client: LarkClient,
  hint: ApprovalHint,
  signal?: AbortSignal,
): Promise<ReadApproval> {
  try {
    return await readConfirmed(client, hint, signal);
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error;
    return { kind: 'refused', refusal: { code: 'approval_unreadable', values: { error: error.code } } };
  }
}

async function readConfirmed(client: LarkClient, hint: ApprovalHint, signal?: AbortSignal): Promise<ReadApproval> {
  const path = `/open-apis/approval/v4/instances/${encodeURIComponent(hint.instance_id)}`;
  const detail = await client.call({ method: 'GET', path, signal }, detailSchema);
  // The API also takes a uuid that the requester chose, under which one approval would be two requests.
  if (detail.instance_code !== hint.instance_id)
    throw new PermanentError('lark.other_instance', 'Lark answered with an instance of another code');
  if (detail.approval_code !== hint.code)
    return { kind: 'refused', refusal: { code: 'template_mismatch', values: { code: hint.code.slice(0, 128) } } };
  const widgets = formSchema.safeParse(parseJson(detail.form));
  if (!widgets.success) throw badAnswer();
  const agreed = agreements(detail);
  const ids = [...new Set([detail.open_id, ...agreed.map(({ id }) => id)])];
  const names = await Promise.all(ids.map((id) => userName(client, id, signal)));
  const nameOf = (id: string) => names[ids.indexOf(id)] ?? id;
  return { kind: 'approval', approval: toApproval(detail, widgets.data, agreed, nameOf) };
}

function toApproval(
  detail: Detail,
  widgets: readonly Widget[],
  agreed: readonly { id: string; at: string }[],
  nameOf: (id: string) => string,
): Approval {
  return {
    instance_id: detail.instance_code,
    code: detail.approval_code,
    title: detail.approval_name ?? '',
    number: detail.serial_number ?? '',
    state: stateOf(detail),
    ...kindOf(detail),
    // An approval does not name those that revoke it: it says itself that it is revoked.
    attached: [],
    requester: { id: detail.open_id, name: nameOf(detail.open_id) },
    approvers: agreed.map(({ id, at }) => ({ id, name: nameOf(id), at })),
    fields: decodeForm(widgets),
  };
}

/** There is no status REVERTED: what was approved and then revoked reads CANCELED, with `reverted`. */
function stateOf({ status, reverted }: Detail): Approval['state'] {
  if (reverted) return 'revoked';
  if (status === 'APPROVED') return 'approved';
  return status === 'PENDING' ? 'pending' : 'not approved';
}

/** Only an instance that revokes or modifies another names one. */
function kindOf({ reverted_instance_code, modified_instance_code }: Detail): Pick<Approval, 'kind' | 'about'> {
  const idOf = (code: string) => (isInstanceId(code) ? code : undefined);
  if (reverted_instance_code) return { kind: 'revocation', about: idOf(reverted_instance_code) };
  if (modified_instance_code) return { kind: 'modification', about: idOf(modified_instance_code) };
  return { kind: 'original', about: undefined };
}

/**
 * Who pressed "agree": a rule that agrees by itself is AUTO_PASS, and names nobody. What was agreed to before the
 * approval was sent back does not count, for its form may have changed since.
 */
function agreements({ timeline }: Detail): { id: string; at: string }[] {
  const byPerson = new Map<string, string>();
  const timeOf = (time: string | null | undefined) => Number(time) || 0;
  for (const entry of [...(timeline ?? [])].sort((a, b) => timeOf(a.create_time) - timeOf(b.create_time))) {
    if (entry.type === 'ROLLBACK' || entry.type === 'ROLLBACK_SELECTED') byPerson.clear();
    if (entry.type === 'PASS' && entry.open_id) byPerson.set(entry.open_id, isoTime(entry.create_time ?? ''));
  }
  return [...byPerson].map(([id, at]) => ({ id, at }));
}

function isoTime(ms: string): string {
  return /^\d{13}$/.test(ms) ? new Date(Number(ms)).toISOString() : ms;
}

/** A person's name, or the id where it cannot be had. */
export async function userName(client: LarkClient, id: string, signal?: AbortSignal): Promise<string> {
  const path = `/open-apis/contact/v3/users/${encodeURIComponent(id)}`;
  try {
    const request = { method: 'GET', path, query: { user_id_type: 'open_id' }, signal } as const;
    return (await client.call(request, userSchema)).user.name;
  } catch {
    // The name is for people's eyes only: it is not there without a permission of its own.
    return id;
  }
}
