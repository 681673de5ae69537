import * as z from 'zod/mini';
import { isInstanceId } from '../../ids.ts';
import type { ApprovalEvent } from '../platform.ts';
import type { Envelope } from './envelope.ts';

/** https://open.feishu.cn/document/ukTMukTMukTM/uIDO24iM4YjLygjN/event/common-event/approval-instance-event */
const approvalSchema = z.object({ approval_code: z.string(), instance_code: z.string(), status: z.string() });
const aboutDefinitionSchema = z.object({ approval_code: z.string() });

/** What an event says. */
export function readApprovalEvent({ type, event }: Pick<Envelope, 'type' | 'event'>): ApprovalEvent {
  const about = aboutDefinitionSchema.safeParse(event).data;
  const other = (reason: string): ApprovalEvent => ({
    kind: 'other',
    ...(about && { code: about.approval_code }),
    reason,
  });
  const approval = approvalSchema.safeParse(event);
  if (type !== 'approval_instance' || !approval.success)
    return other(`event ${type.slice(0, 64)} is not an approval's`);
  const { approval_code: code, instance_code: instance_id, status } = approval.data;
  if (status !== 'APPROVED' && status !== 'REVERTED')
    return other(`"${status.slice(0, 64)}" is neither "APPROVED" nor "REVERTED"`);
  if (!isInstanceId(instance_id)) return other('the approval instance id has characters that no id has');
  return { kind: status === 'REVERTED' ? 'revoked' : 'granted', hint: { instance_id, code } };
}
