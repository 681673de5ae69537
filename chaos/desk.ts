import { openApprovalDesk } from '../cli/approval/dingtalk-approval.ts';
import { openLarkDesk } from '../cli/approval/lark-approval.ts';
import type { Cloud } from '../local/cloud/cloud.ts';
import { requestIdOf } from '../shared/ids.ts';
import { fieldOf } from '../shared/workflows/lookups.ts';
import { PEOPLE_AGENT } from './disturb.ts';
import type { Order } from './orders.ts';

/** People submit and decide an approval, which nothing disturbs. Gives the request that must come of it. */
export async function submitAndDecide(order: Order, cloud: Cloud): Promise<string> {
  const { submit } = await openDesk(order, cloud);
  return decide(order, await submit({ requester: order.requester, values: formOf(order, cloud) }), cloud);
}

/** The same for an approval that is there already. */
export async function decide(order: Order, instanceId: string, cloud: Cloud): Promise<string> {
  const desk = await openDesk(order, cloud);
  await desk.decide(instanceId, order.approver, order.result);
  return requestIdOf(order.platform, instanceId);
}

/** What somebody who opens an approval of DingTalk reads in its form, by parameter. */
export async function readForm(order: Order, instanceId: string, { workflows, ...cloud }: Cloud) {
  const { read } = await openDingtalkDesk(cloud);
  const values = await read(instanceId);
  const { parameters = {} } = workflows.workflows[order.workflow] ?? {};
  return Object.fromEntries(
    Object.entries(parameters).map(([name, rule]) => [name, values[fieldOf(rule, 'dingtalk') ?? name] ?? '']),
  );
}

function openDingtalkDesk({ state, endpoints }: Pick<Cloud, 'state' | 'endpoints'>) {
  return openApprovalDesk({ ...state.dingtalk, url: endpoints.dingtalk, user_agent: PEOPLE_AGENT });
}

/** Opened anew for each order: a token lives two hours, which a fast cloud has behind it soon. */
async function openDesk({ platform, workflow }: Order, cloud: Cloud) {
  const { dingtalk, lark } = cloud.workflows.workflows[workflow]?.on ?? {};
  type Form = { requester: string; values: Readonly<Record<string, string>> };
  if (platform === 'dingtalk') {
    const desk = await openDingtalkDesk(cloud);
    const processCode = dingtalk?.process_code ?? '';
    return { ...desk, submit: (form: Form) => desk.submit({ ...form, processCode }) };
  }
  const desk = await openLarkDesk({ ...cloud.state.lark, url: cloud.endpoints.lark, user_agent: PEOPLE_AGENT });
  const approvalCode = lark?.approval_code ?? '';
  return { ...desk, submit: (form: Form) => desk.submit({ ...form, approvalCode }) };
}

/** What people fill in, by the field of the platform's form. */
function formOf({ workflow, platform, values }: Order, { workflows }: Cloud): Record<string, string> {
  const { parameters = {} } = workflows.workflows[workflow] ?? {};
  return Object.fromEntries(
    Object.entries(parameters).map(([name, rule]) => [fieldOf(rule, platform) ?? name, values[name] ?? '']),
  );
}
