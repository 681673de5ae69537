import * as z from 'zod';
import { callHttp } from '../../shared/http/call.ts';
import { parseJson } from '../../shared/json.ts';

/** How to reach an app of Lark or Feishu, the embedded one included. */
export interface LarkAccess {
  url: string;
  app_id: string;
  app_secret: string;
  /** Sent with every call, where somebody wants to tell these from others. */
  user_agent?: string;
}

export interface LarkForm {
  approvalCode: string;
  /** A user id. */
  requester: string;
  /** Values by the custom id of the widget, or its id; of a choice the text that people see. */
  values: Readonly<Record<string, string>>;
}

/** Submits an approval and decides it as people do in the app, through the platform's own API. */
export interface LarkDesk {
  submit(form: LarkForm): Promise<string>;
  /** One person presses "approve" or "reject". */
  decide(instanceId: string, person: string, result: 'agree' | 'refuse'): Promise<void>;
}

const tokenSchema = z.object({ tenant_access_token: z.string() });
const widgetSchema = z.object({
  id: z.string(),
  custom_id: z.string().optional(),
  type: z.string(),
  option: z.array(z.object({ value: z.string(), text: z.string() })).default([]),
});
type Widget = z.infer<typeof widgetSchema>;
const definitionSchema = z.object({ data: z.object({ form: z.string() }) });
const createdSchema = z.object({ data: z.object({ instance_code: z.string() }) });
const instanceSchema = z.object({
  data: z.object({
    approval_code: z.string(),
    task_list: z.array(z.object({ id: z.string(), user_id: z.string(), status: z.string() })),
  }),
});
const errorSchema = z.object({ code: z.number(), msg: z.string() });

export async function openLarkDesk(access: LarkAccess): Promise<LarkDesk> {
  const { url, app_id, app_secret } = access;
  const keys = { app_id, app_secret };
  const path = '/open-apis/auth/v3/tenant_access_token/internal';
  const { tenant_access_token: token } = await call(access, url + path, tokenSchema, { body: keys });
  const base = `${url}/open-apis/approval/v4`;
  return {
    async submit({ approvalCode, requester, values }) {
      const definition = await call(access, `${base}/approvals/${encodeURIComponent(approvalCode)}`, definitionSchema, {
        token,
      });
      const widgets = z.array(widgetSchema).parse(parseJson(definition.data.form));
      const form = JSON.stringify(Object.entries(values).map(([name, value]) => write(widgets, name, value)));
      const body = { approval_code: approvalCode, user_id: requester, form };
      return (await call(access, `${base}/instances`, createdSchema, { token, body })).data.instance_code;
    },
    async decide(instanceId, person, result) {
      const { data } = await call(access, `${base}/instances/${instanceId}`, instanceSchema, { token });
      const task = data.task_list.find(({ user_id, status }) => user_id === person && status === 'PENDING');
      if (!task) throw new Error(`${person} has nothing to decide on this approval`);
      const about = { approval_code: data.approval_code, instance_code: instanceId };
      const body = { ...about, user_id: person, task_id: task.id };
      const verb = result === 'agree' ? 'approve' : 'reject';
      await call(access, `${base}/tasks/${verb}?user_id_type=user_id`, z.unknown(), { token, body });
    },
  };
}

/** A choice is written by the key of what people see; what is no option is left to the platform to refuse. */
function write(widgets: readonly Widget[], name: string, text: string): object {
  const widget = widgets.find(({ id, custom_id }) => name === custom_id || name === id);
  const value = widget?.option.find((option) => option.text === text)?.value ?? text;
  return { id: widget?.id ?? name, type: widget?.type ?? 'input', value };
}

async function call<T>(
  { user_agent }: LarkAccess,
  url: string,
  schema: z.ZodType<T>,
  { token, body }: { token?: string; body?: object },
): Promise<T> {
  const answer = await callHttp({
    service: 'lark',
    method: body === undefined ? 'GET' : 'POST',
    url,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      ...(user_agent === undefined ? {} : { 'user-agent': user_agent }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    timeoutMs: 30_000,
  });
  const json = parseJson(answer.body);
  const error = errorSchema.safeParse(json);
  if (answer.status === 200 && error.data?.code === 0) return schema.parse(json);
  throw new Error(`Lark refused: ${error.success ? `${error.data.code} ${error.data.msg}` : `HTTP ${answer.status}`}`);
}
