import fc from 'fast-check';
import { PermanentError, TransientError } from '../../shared/errors.ts';
import type { HttpCall } from '../../shared/http/call.ts';
import { createLarkClient } from '../../shared/platforms/lark/client.ts';
import { readApproval } from '../../shared/platforms/lark/read-approval.ts';
import type { Approval } from '../../shared/platforms/platform.ts';
import { DETAIL, HINT } from '../shared/platforms/lark/instance-detail.ts';
import {
  type ByteEdit,
  byteEdit,
  editBytes,
  editJson,
  garbage,
  type JsonEdit,
  jsonEdit,
  memberAt,
  rarely,
  tryJson,
} from './mutations.ts';
import { defineTarget, demand } from './target.ts';

interface Case {
  detail: JsonEdit[];
  form: JsonEdit[];
  bytes: ByteEdit[];
  status: number;
  instead: Buffer | null;
}

const cases: fc.Arbitrary<Case> = fc.record({
  detail: fc.array(jsonEdit, { maxLength: 2 }),
  form: fc.array(jsonEdit, { maxLength: 2 }),
  bytes: fc.array(byteEdit, { maxLength: 1 }),
  status: fc.constantFrom(200, 200, 200, 400, 500),
  instead: rarely(garbage),
});

const TYPES = ['input', 'number', 'checkboxV2', 'contact', 'department', 'dateInterval', 'telephone', 'attachmentV2'];
const WIDGETS = TYPES.map((type, index) => ({
  id: `w${index}`,
  custom_id: `c${index}`,
  name: type,
  type,
  value: ['a'],
}));
const FORM = [...WIDGETS, { id: 'T', name: '明细', type: 'fieldList', value: [WIDGETS, WIDGETS] }];

/** What the detail API answers, and who believes it. */
export const larkDetails = defineTarget<Case>({
  name: 'lark-details',
  cases,
  open: async () => ({ check: checkCase }),
});

async function checkCase(value: Case): Promise<void> {
  const body = answerOf(value);
  const http = async ({ url }: HttpCall) => {
    const token = Buffer.from('{"code":0,"tenant_access_token":"t","expire":7200}');
    const isDetail = url.includes('/instances/');
    return { status: isDetail ? value.status : 200, headers: {}, body: isDetail ? body : token };
  };
  const clock = { now: () => 0, sleep: async () => undefined };
  const client = createLarkClient({ appId: 'a', appSecret: 's', endpoint: 'http://lark' }, http, clock);
  try {
    const read = await readApproval(client, HINT);
    if (read.kind === 'approval') checkApproval(read.approval, memberAt(tryJson(body), 'data'), value.status);
  } catch (error) {
    const isDecided = error instanceof TransientError || error instanceof PermanentError;
    demand(isDecided, `it fails in a way that nobody decided: ${error}`);
  }
}

function answerOf({ detail, form, bytes, instead }: Case): Buffer {
  if (instead) return instead;
  const text = JSON.stringify(form.reduce<unknown>(editJson, FORM)) ?? '';
  const answer = { code: 0, msg: 'success', data: { ...DETAIL, form: text } };
  return bytes.reduce(editBytes, Buffer.from(JSON.stringify(detail.reduce<unknown>(editJson, answer)) ?? ''));
}

function checkApproval(approval: Approval, data: unknown, status: number): void {
  demand(status === 200, 'an error is read as an approval');
  demand(memberAt(data, 'instance_code') === HINT.instance_id, 'another instance');
  demand(memberAt(data, 'approval_code') === HINT.code, 'another definition');
  const isApproved = memberAt(data, 'status') === 'APPROVED' && memberAt(data, 'reverted') !== true;
  demand((approval.state === 'approved') === isApproved, `it is ${approval.state}, which nobody said`);
  const timeline = JSON.stringify(memberAt(data, 'timeline')) ?? '';
  for (const { id } of approval.approvers) {
    demand(id !== '' && timeline.includes(JSON.stringify(id)), 'somebody agreed who is not there');
    demand(timeline.includes('"PASS"'), 'nobody agreed');
  }
  for (const { names, value } of approval.fields) {
    demand(names.length === 3, 'a field has its names in other places');
    demand(
      [value].flat().every((text) => typeof text === 'string'),
      'a value is no text',
    );
  }
}
