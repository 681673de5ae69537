import { type Workflows, workflowsSchema } from '../../../shared/workflows/schema.ts';

/** 新员工入职 on two instances: one person at a time, undone by itself when its approval is revoked. */
export function sampleWorkflows(changes: object = {}, file: object = {}): Workflows {
  return workflowsSchema.parse({
    quota: {},
    chats: { 'it-ops': { dingtalk: { robot: { access_token: 'token', secret: 'SEC' } } } },
    commands: {
      onboarding: { script: 'scripts/p.sh', path: '/opt/p.sh', arguments: ['{{emp_id}}', '{{request_id}}'] },
      'onboarding-revoke': { script: 'scripts/p.sh', arguments: ['--revoke', '{{emp_id}}', '{{request_id}}'] },
    },
    workflows: {
      onboarding: {
        title: '新员工入职',
        on: { dingtalk: { process_code: 'PROC-1' } },
        parameters: { emp_id: { field: 'TextField-EMPID', pattern: 'E[0-9]{3,8}' } },
        run: { command: 'onboarding', instances: ['i-1', 'i-2'] },
        revoke: { command: 'onboarding-revoke' },
        on_revoke: 'auto',
        lock: 'emp_id',
        chat: { dingtalk: 'it-ops' },
        ...changes,
      },
    },
    ...file,
  });
}

export const SCRIPTS = { 'scripts/p.sh': { sha256: 'f'.repeat(64), text: '#!/bin/sh\n' } };
