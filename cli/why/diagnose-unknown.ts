import { type PlatformName, requestIdOf } from '../../shared/ids.ts';
import type { LogEntry } from '../../shared/log.ts';
import { ENVIRONMENT_TAG, REQUEST_TAG } from '../../shared/request/tags.ts';
import type { Access } from '../inspect/access.ts';
import { type Asked, askPlatform } from '../inspect/ask-platform.ts';
import { foreign } from '../inspect/terminal.ts';
import type { Diagnosis } from './explanation.ts';

/** Why an approval has no request here: the platform is asked, and whether another environment has run it. */
export async function diagnoseUnknown(
  access: Access,
  platform: PlatformName,
  instanceId: string,
  log: readonly LogEntry[],
): Promise<{ diagnosis: Diagnosis; workflow: string; subject: string }> {
  const requestId = requestIdOf(platform, instanceId);
  const runs = await access.cloudAssistant.findInvocationsByTag(REQUEST_TAG, requestId);
  const other = runs.map(({ tags }) => tags[ENVIRONMENT_TAG] ?? '').find((name) => name !== access.environment);
  const asked = await askPlatform(access, platform, instanceId);
  const about =
    asked.kind === 'approval'
      ? { workflow: asked.workflow, subject: foreign(asked.approval.title) }
      : { workflow: '', subject: '' };
  if (other !== undefined) {
    const values = { environment: foreign(other, 64), here: access.environment };
    return { ...about, diagnosis: { code: 'other_environment', values } };
  }
  return { ...about, diagnosis: judge(asked, { platform, id: instanceId }, whyFailed(log, instanceId)) };
}

function judge(asked: Asked, values: { platform: string; id: string }, failure: string | undefined): Diagnosis {
  switch (asked.kind) {
    case 'approval':
      if (asked.approval.state === 'pending') return { code: 'not_decided', values };
      if (asked.approval.state !== 'approved') return { code: 'declined', values };
      return failure === undefined
        ? { code: 'missed', values }
        : { code: 'missed_failed', values: { ...values, reason: foreign(failure) } };
    case 'other template':
      return { code: 'no_workflow', values };
    case 'unreadable':
      return { code: 'unreadable', values: { ...values, error: foreign(asked.error, 80) } };
    case 'unreachable':
      return { code: 'unreachable', values: { ...values, error: foreign(asked.error, 80) } };
    default:
      return { code: 'not_configured', values };
  }
}

/** Why the last callback about it was not taken, as far as the log goes back; the rejection itself says it best. */
function whyFailed(log: readonly LogEntry[], instanceId: string): string | undefined {
  const failed = log.findLast(
    ({ message, fields }) =>
      message === 'callback failed' && fields['instance_id'] === instanceId && fields['type'] !== 'start',
  );
  if (!failed) return undefined;
  const rejected = log.findLast(
    ({ message, time }) => message === 'callback rejected' && isNear(time, failed.time) && time <= failed.time,
  );
  return [failed, ...(rejected ? [rejected] : [])].map(({ fields }) => String(fields['reason'])).join('; ');
}

/** A callback that is rejected names no approval: it is the one that was sent just then. */
export function isNear(time: string, other: string): boolean {
  return Math.abs(Date.parse(time) - Date.parse(other)) < 3000;
}
