import * as z from 'zod';
import { callHttp } from '../../shared/http/call.ts';
import { parseJson } from '../../shared/json.ts';

/** How to reach an app of DingTalk, the embedded one included. */
export interface DingtalkAccess {
  url: string;
  app_key: string;
  app_secret: string;
  /** Sent with every call, where somebody wants to tell these from others. */
  user_agent?: string;
}

export interface ApprovalForm {
  processCode: string;
  requester: string;
  /** Values by component id. */
  values: Readonly<Record<string, string>>;
}

const tokenSchema = z.object({ accessToken: z.string() });
const createdSchema = z.object({ instanceId: z.string() });
const tasksSchema = z.object({
  result: z.object({ tasks: z.array(z.object({ taskId: z.number(), userId: z.string(), status: z.string() })) }),
});
const formSchema = z.object({
  result: z.object({ formComponentValues: z.array(z.object({ id: z.string(), value: z.string() })) }),
});
const errorSchema = z.object({ code: z.string(), message: z.string() });

/** Submits an approval and decides it as people do in the app, through the platform's own API. */
export interface ApprovalDesk {
  submit(form: ApprovalForm): Promise<string>;
  /** What stands in its form, by component id. */
  read(instanceId: string): Promise<Record<string, string>>;
  /** One person presses "agree" or "refuse". */
  decide(instanceId: string, person: string, result: 'agree' | 'refuse'): Promise<void>;
}

export async function openApprovalDesk(access: DingtalkAccess): Promise<ApprovalDesk> {
  const keys = { appKey: access.app_key, appSecret: access.app_secret };
  const { accessToken } = await call(access, 'POST', '/v1.0/oauth2/accessToken', tokenSchema, { body: keys });
  const path = '/v1.0/workflow/processInstances';
  const pathOf = (instanceId: string) => `${path}?processInstanceId=${encodeURIComponent(instanceId)}`;
  return {
    async submit({ processCode, requester, values }) {
      const formComponentValues = Object.entries(values).map(([id, value]) => ({ id, value }));
      const body = { processCode, originatorUserId: requester, deptId: -1, formComponentValues };
      return (await call(access, 'POST', path, createdSchema, { body, accessToken })).instanceId;
    },
    async read(instanceId) {
      const { result } = await call(access, 'GET', pathOf(instanceId), formSchema, { accessToken });
      return Object.fromEntries(result.formComponentValues.map(({ id, value }) => [id, value]));
    },
    async decide(instanceId, person, result) {
      const { tasks } = (await call(access, 'GET', pathOf(instanceId), tasksSchema, { accessToken })).result;
      const task = tasks.find(({ userId, status }) => userId === person && status === 'RUNNING');
      if (!task) throw new Error(`${person} has nothing to decide on this approval`);
      const body = { processInstanceId: instanceId, actionerUserId: person, taskId: task.taskId, result };
      await call(access, 'POST', `${path}/execute`, z.unknown(), { body, accessToken });
    },
  };
}

async function call<T>(
  access: DingtalkAccess,
  method: 'GET' | 'POST',
  path: string,
  schema: z.ZodType<T>,
  { body, accessToken }: { body?: object; accessToken?: string },
): Promise<T> {
  const answer = await callHttp({
    service: 'dingtalk',
    method,
    url: access.url + path,
    headers: {
      'content-type': 'application/json',
      ...(access.user_agent === undefined ? {} : { 'user-agent': access.user_agent }),
      ...(accessToken === undefined ? {} : { 'x-acs-dingtalk-access-token': accessToken }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    timeoutMs: 30_000,
  });
  const json = parseJson(answer.body);
  if (answer.status === 200) return schema.parse(json);
  const error = errorSchema.safeParse(json);
  throw new Error(
    `DingTalk refused: ${error.success ? `${error.data.code} ${error.data.message}` : `HTTP ${answer.status}`}`,
  );
}
