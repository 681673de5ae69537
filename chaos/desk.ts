import * as z from 'zod';
import type { Cloud } from '../local/cloud/cloud.ts';
import { PEOPLE_AGENT } from './disturb.ts';
import type { Order } from './orders.ts';

/** People's side of DingTalk. */
export interface Desk {
  /** Gives the id of the approval instance. */
  submit(order: Order): Promise<string>;
  decide(instanceId: string, order: Order): Promise<void>;
}

const tokenSchema = z.object({ accessToken: z.string() });
const createdSchema = z.object({ instanceId: z.string() });
const tasksSchema = z.object({
  result: z.object({ tasks: z.array(z.object({ taskId: z.number(), userId: z.string() })) }),
});
const PATH = '/v1.0/workflow/processInstances';
const LIMIT_MS = 30_000;

export async function openDesk({ endpoints, state, workflows }: Cloud): Promise<Desk> {
  const call = async <T>(path: string, schema: z.ZodType<T>, token: string, body?: object): Promise<T> => {
    const answer = await fetch(endpoints.dingtalk + path, {
      method: body ? 'POST' : 'GET',
      headers: {
        'content-type': 'application/json',
        'user-agent': PEOPLE_AGENT,
        'x-acs-dingtalk-access-token': token,
      },
      signal: AbortSignal.timeout(LIMIT_MS),
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`DingTalk refused what people do: ${text.slice(0, 300)}`);
    return schema.parse(JSON.parse(text));
  };
  const app = { appKey: state.dingtalk.app_key, appSecret: state.dingtalk.app_secret };
  const { accessToken } = await call('/v1.0/oauth2/accessToken', tokenSchema, '', app);
  return {
    async submit({ workflow, values, requester }) {
      const body = {
        processCode: workflows.workflows[workflow]?.on.dingtalk?.process_code,
        originatorUserId: requester,
        deptId: -1,
        formComponentValues: Object.entries(values).map(([id, value]) => ({ id, value })),
      };
      return (await call(PATH, createdSchema, accessToken, body)).instanceId;
    },
    async decide(instanceId, { approver, result }) {
      const { tasks } = (await call(`${PATH}?processInstanceId=${instanceId}`, tasksSchema, accessToken)).result;
      const taskId = tasks.find(({ userId }) => userId === approver)?.taskId;
      const decision = { processInstanceId: instanceId, actionerUserId: approver, taskId, result };
      await call(`${PATH}/execute`, z.unknown(), accessToken, decision);
    },
  };
}
