import type { CloudDescription } from '../../local/cloud/cloud-description.ts';
import type { PlatformName } from '../../shared/ids.ts';
import { openApprovalDesk } from './dingtalk-approval.ts';
import { openLarkDesk } from './lark-approval.ts';

/** An approval as its people think of it. */
export interface ApprovalOrder {
  platform: PlatformName;
  workflow: string;
  /** Values by form component. */
  values: Readonly<Record<string, string>>;
  requester: string;
  approver: string;
  result: 'agree' | 'refuse';
}

/** People's side of one platform of the embedded cloud. */
export interface Desk {
  /** Gives the id of the approval instance. */
  submit(order: Pick<ApprovalOrder, 'workflow' | 'requester' | 'values'>): Promise<string>;
  decide(instanceId: string, person: string, result: 'agree' | 'refuse'): Promise<void>;
}

export async function openDesk(cloud: CloudDescription, platform: PlatformName): Promise<Desk> {
  return platform === 'dingtalk' ? dingtalkDesk(cloud) : larkDesk(cloud);
}

async function dingtalkDesk({ endpoints, dingtalk }: CloudDescription): Promise<Desk> {
  const desk = await openApprovalDesk({ url: endpoints.dingtalk, ...dingtalk });
  return {
    submit: ({ workflow, requester, values }) =>
      desk.submit({ processCode: dingtalk.process_codes[workflow] ?? '', requester, values }),
    decide: (instanceId, person, result) => desk.decide(instanceId, person, result),
  };
}

async function larkDesk({ endpoints, lark }: CloudDescription): Promise<Desk> {
  const desk = await openLarkDesk({ url: endpoints.lark, ...lark });
  return {
    submit: ({ workflow, requester, values }) =>
      desk.submit({ approvalCode: lark.approval_codes[workflow] ?? '', requester, values }),
    decide: (instanceId, person, result) => desk.decide(instanceId, person, result),
  };
}

/** The code by which the platform knows the template of this workflow. */
export function templateCode({ dingtalk, lark }: CloudDescription, platform: PlatformName, workflow: string): string {
  return (platform === 'dingtalk' ? dingtalk.process_codes : lark.approval_codes)[workflow] ?? '';
}
