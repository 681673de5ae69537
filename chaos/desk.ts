import { openApprovalDesk } from '../cli/approval/dingtalk-approval.ts';
import type { Cloud } from '../local/cloud/cloud.ts';
import { PEOPLE_AGENT } from './disturb.ts';
import type { Order } from './orders.ts';

/** People's side of DingTalk, which is left alone by what is disturbed. */
export interface Desk {
  /** Gives the id of the approval instance. */
  submit(order: Order): Promise<string>;
  decide(instanceId: string, order: Order): Promise<void>;
}

export async function openDesk({ endpoints, state, workflows }: Cloud): Promise<Desk> {
  const desk = await openApprovalDesk({ ...state.dingtalk, url: endpoints.dingtalk, user_agent: PEOPLE_AGENT });
  return {
    submit: ({ workflow, values, requester }) => {
      const processCode = workflows.workflows[workflow]?.on.dingtalk?.process_code ?? '';
      return desk.submit({ processCode, requester, values });
    },
    decide: (instanceId, { approver, result }) => desk.decide(instanceId, approver, result),
  };
}
