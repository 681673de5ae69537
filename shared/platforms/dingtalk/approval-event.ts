import * as z from 'zod/mini';
import { isInstanceId } from '../../ids.ts';
import type { ApprovalEvent } from '../platform.ts';

/** https://open.dingtalk.com/document/development/event-bpms-instance-change */
const approvalSchema = z.object({
  processInstanceId: z.string(),
  processCode: z.string(),
  type: z.string(),
  result: z.optional(z.string()),
});
/** https://open.dingtalk.com/document/development/event-bpms-task-change and whatever else is about a template. */
const aboutTemplateSchema = z.object({ processCode: z.string() });

/** What the fields of an event of this type say. */
export function readApprovalEvent(eventType: string, fields: unknown): ApprovalEvent {
  const about = aboutTemplateSchema.safeParse(fields).data;
  const other = (reason: string): ApprovalEvent => ({
    kind: 'other',
    ...(about && { code: about.processCode }),
    reason,
  });
  const approval = approvalSchema.safeParse(fields);
  if (eventType !== 'bpms_instance_change' || !approval.success)
    return other(`event ${eventType.slice(0, 64)} is not an approval's`);
  const { processInstanceId, processCode, type, result } = approval.data;
  if (type !== 'finish' || result !== 'agree')
    return other(`"${`${type} ${result ?? ''}`.trim().slice(0, 64)}" is not "finish agree"`);
  if (!isInstanceId(processInstanceId)) return other('the approval instance id has characters that no id has');
  return { kind: 'granted', hint: { instance_id: processInstanceId, code: processCode } };
}
