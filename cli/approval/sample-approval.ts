import * as z from 'zod';
import type { PlatformName } from '../../shared/ids.ts';
import { parseDetail } from '../../shared/platforms/dingtalk/read-approval.ts';
import type { Approval } from '../../shared/platforms/platform.ts';
import { UsageError } from '../io.ts';

const peopleSchema = z.array(z.string()).default(['approver']);
/** An approval in short. */
const shortSchema = z.strictObject({
  workflow: z.string().optional(),
  platform: z.enum(['dingtalk', 'lark']).default('dingtalk'),
  /** By component id, business alias or label. */
  fields: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
  requester: z.string().default('requester'),
  approvers: peopleSchema,
  state: z.enum(['approved', 'pending', 'not approved', 'revoked']).default('approved'),
  kind: z.enum(['original', 'modification', 'revocation']).default('original'),
});

export interface SampleApproval {
  /** Where the sample says so. */
  workflow?: string | undefined;
  platform: PlatformName;
  approval: Approval;
}

const HINT = { instance_id: 'sample', code: 'sample' };

/** Reads a sample: an approval in short, or what the detail API of DingTalk answered. */
export function readSample(json: unknown): SampleApproval {
  const detail = parseDetail(HINT, json);
  if (detail) return { platform: 'dingtalk', approval: detail };
  const short = shortSchema.safeParse(json);
  if (!short.success)
    throw new UsageError(
      `the sample is neither an answer of DingTalk's detail API nor {"fields": {…}, …}:\n${z.prettifyError(short.error)}`,
    );
  const { workflow, platform, fields, requester, approvers, state, kind } = short.data;
  return {
    workflow,
    platform,
    approval: {
      ...HINT,
      title: 'sample',
      number: '',
      state,
      kind,
      attached: [],
      requester: { id: requester, name: requester },
      approvers: approvers.map((id) => ({ id, name: id, at: '' })),
      fields: Object.entries(fields).map(([name, value]) => ({ names: [name], value })),
    },
  };
}
