import * as z from 'zod/mini';
import { PermanentError } from '../../errors.ts';
import { isInstanceId } from '../../ids.ts';
import { parseJson } from '../../json.ts';
import type { NewApproval } from '../desk.ts';
import { badAnswer, type LarkClient } from './client.ts';

const createdSchema = z.object({ instance_code: z.string().check(z.refine(isInstanceId)) });
/** https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/approval-v4/approval/get */
const definitionSchema = z.object({ form: z.string() });
const widgetsSchema = z.array(
  z.object({
    id: z.string(),
    custom_id: z.optional(z.nullable(z.string())),
    name: z.optional(z.nullable(z.string())),
    type: z.string(),
    option: z.optional(z.nullable(z.array(z.object({ value: z.string(), text: z.string() })))),
  }),
);
type Widget = z.infer<typeof widgetsSchema>[number];
/** https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/contact-v3/user/get */
const personSchema = z.object({ user: z.object({ user_id: z.optional(z.string()) }) });
/** "OpenApiErrorCodeUuidConflict": there is an approval under this key already. */
const KEY_IS_TAKEN = 'lark.60012';

/**
 * Starts an approval in somebody's name under a key
 * (https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/approval-v4/instance/create): a repeated call finds
 * the approval that the first one made. Where another app starts approvals, `starter`, the person is named to it by the
 * user id: an open id is known to one app alone (https://open.feishu.cn/document/home/user-identity-introduction/introduction).
 */
export async function startApproval(
  { client, starter }: { client: LarkClient; starter: LarkClient | undefined },
  { code, requester, fields, key }: NewApproval,
): Promise<string> {
  const base = '/open-apis/approval/v4';
  const definition = await client.call(
    { method: 'GET', path: `${base}/approvals/${encodeURIComponent(code)}` },
    definitionSchema,
  );
  const widgets = widgetsSchema.safeParse(parseJson(definition.form));
  if (!widgets.success) throw badAnswer();
  const form = JSON.stringify(fields.map(({ field, value }) => widgetValue(widgets.data, field, value)));
  const person = starter ? { user_id: await userIdOf(client, requester) } : { open_id: requester };
  const body = { approval_code: code, ...person, form, uuid: key };
  const maker = starter ?? client;
  try {
    return (await maker.call({ method: 'POST', path: `${base}/instances`, body }, createdSchema)).instance_code;
  } catch (error) {
    if (!(error instanceof PermanentError) || error.code !== KEY_IS_TAKEN) throw error;
    return (await maker.call({ method: 'GET', path: `${base}/instances/${key}` }, createdSchema)).instance_code;
  }
}

/** The company's own id of a person, which an app sees with contact:user.employee_id:readonly. */
async function userIdOf(client: LarkClient, openId: string): Promise<string> {
  const path = `/open-apis/contact/v3/users/${openId}`;
  const request = { method: 'GET', path, query: { user_id_type: 'open_id' } } as const;
  const { user_id } = (await client.call(request, personSchema)).user;
  if (user_id) return user_id;
  throw new PermanentError('lark.no_user_id', 'the first app needs the scope contact:user.employee_id:readonly');
}

/** A choice is written by the key of what people see. */
function widgetValue(widgets: readonly Widget[], field: string, value: string): object {
  const named = (name: 'custom_id' | 'id' | 'name') => widgets.find((widget) => widget[name] === field);
  const widget = named('custom_id') ?? named('id') ?? named('name');
  if (!widget) throw new PermanentError('lark.no_widget', `the form has no widget ${field.slice(0, 64)}`);
  const option = widget.option?.find(({ text }) => text === value);
  return { id: widget.id, type: widget.type, value: option?.value ?? value };
}
