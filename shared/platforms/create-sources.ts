import { createDingtalkSource } from './dingtalk/create-source.ts';
import type { ApprovalSource } from './platform.ts';
import type { PlatformTools, Variables } from './tools.ts';

/** The platforms whose approvals this environment takes. */
export function createSources(variables: Variables, tools: PlatformTools): ApprovalSource[] {
  return [createDingtalkSource(variables, tools)];
}
