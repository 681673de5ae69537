import * as z from 'zod/mini';
import type { Clock } from '../../clock.ts';
import { PermanentError } from '../../errors.ts';
import { isInstanceId } from '../../ids.ts';
import type { EarlierCall, NewApproval } from '../desk.ts';
import type { DingtalkClient } from './client.ts';
import { listInstances } from './list-instances.ts';

const createdSchema = z.object({ instanceId: z.string().check(z.refine(isInstanceId)) });
/** https://open.dingtalk.com/document/development/obtain-the-form-schema */
const formSchema = z.object({
  result: z.object({
    schemaContent: z.object({
      items: z.array(
        z.object({
          props: z.object({
            id: z.optional(z.nullable(z.string())),
            label: z.optional(z.nullable(z.string())),
            bizAlias: z.optional(z.nullable(z.string())),
          }),
        }),
      ),
    }),
  }),
});
/** https://open.dingtalk.com/document/development/query-user-details ; 1 is the company itself. */
const userSchema = z.object({ result: z.object({ dept_id_list: z._default(z.array(z.number()), []) }) });
const ROOT_DEPARTMENT = 1;
const WHOLE_COMPANY = -1;
const detailSchema = z.object({
  result: z.object({ formComponentValues: z.array(z.object({ id: z.optional(z.string()), value: z.unknown() })) }),
});

/**
 * Starts an approval in somebody's name (https://open.dingtalk.com/document/development/create-an-approval-instance).
 * The platform knows no key for a repeated call: after one that may have succeeded unheard, the person's own newest
 * approvals are looked through first. `starter` is the app that may start approvals and read forms, `client` the one that
 * reads approvals and people: user ids are the company's, whichever app has them.
 */
export async function startApproval(
  { client, starter, clock }: { client: DingtalkClient; starter: DingtalkClient; clock: Clock },
  approval: NewApproval,
): Promise<string> {
  const { code, requester } = approval;
  const values = await formOf(starter, approval);
  const earlier = approval.retry && (await findEarlier({ client, clock }, approval, values, approval.retry));
  if (earlier !== undefined) return earlier;
  const user = { userid: requester, language: 'zh_CN' };
  const [department = ROOT_DEPARTMENT] = (await client.callOld('/topapi/v2/user/get', user, userSchema)).result
    .dept_id_list;
  const body = {
    processCode: code,
    originatorUserId: requester,
    deptId: department === ROOT_DEPARTMENT ? WHOLE_COMPANY : department,
    formComponentValues: values,
  };
  return (await starter.call({ method: 'POST', path: '/v1.0/workflow/processInstances', body }, createdSchema))
    .instanceId;
}

interface ComponentValue {
  id: string;
  name: string;
  value: string;
}

/** A component is written with its id and its label, whichever of its names the workflow maps it by. */
async function formOf(client: DingtalkClient, { code, fields }: NewApproval): Promise<ComponentValue[]> {
  const path = '/v1.0/workflow/forms/schemas/processCodes';
  const request = { method: 'GET', path, query: { processCode: code } } as const;
  const { items } = (await client.call(request, formSchema)).result.schemaContent;
  return fields.map(({ field, value }) => {
    const named = (name: 'id' | 'bizAlias' | 'label') => items.find(({ props }) => props[name] === field)?.props;
    const component = named('id') ?? named('bizAlias') ?? named('label');
    if (!component?.id || !component.label)
      throw new PermanentError('dingtalk.no_component', `the form has no component ${field.slice(0, 64)}`);
    return { id: component.id, name: component.label, value };
  });
}

async function findEarlier(
  tools: { client: DingtalkClient; clock: Clock },
  { code, requester }: NewApproval,
  values: readonly ComponentValue[],
  { since, isTaken }: EarlierCall,
): Promise<string | undefined> {
  const ids = await listInstances(tools, { processCode: code, userIds: [requester] }, since);
  for (const id of ids.reverse()) {
    if (await isTaken(id)) continue;
    const path = '/v1.0/workflow/processInstances';
    const request = { method: 'GET', path, query: { processInstanceId: id } } as const;
    const { formComponentValues } = (await tools.client.call(request, detailSchema)).result;
    const isSame = ({ id: component, value }: ComponentValue) =>
      formComponentValues.some((found) => found.id === component && found.value === value);
    if (values.every(isSame)) return id;
  }
  return undefined;
}
