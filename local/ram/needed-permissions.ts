import { readCall } from '../cloud-assistant/read-call.ts';
import type { DoorCall } from '../faults.ts';
import { targetsOf } from '../object-storage/target.ts';
import { requestParameters } from '../signatures/request-parameters.ts';
import type { Permission } from './is-allowed.ts';

/** The account and region that the call is made in, and what is known of its instances. */
export interface Surroundings {
  accountId: string;
  region: string;
  tagsOf(instanceId: string): Readonly<Record<string, string>>;
}

/**
 * What a call at the door of a service needs to be allowed, all of it together. A service that is none of Alibaba
 * Cloud's needs nothing.
 */
export function neededPermissions(call: DoorCall, around: Surroundings): Permission[] {
  switch (call.service) {
    case 'oss':
      return [objectPermission(call, around)];
    case 'event-bridge':
      return busPermissions(call, around);
    case 'ecs':
      return instancePermissions(call, around);
    // The API has no resource that is smaller: docs/deploy.md
    case 'sls':
      return [{ action: `log:${call.operation}`, resource: '*' }];
    case 'kms':
      return [secretPermission(call, around)];
    case 'fc':
      return [{ action: `fc:${call.operation}`, resource: `acs:fc:${around.region}:${around.accountId}:functions/*` }];
    default:
      return [];
  }
}

/** https://www.alibabacloud.com/help/doc-detail/28953.html */
function secretPermission({ operation, request }: DoorCall, { accountId, region }: Surroundings): Permission {
  const [, name = ''] = requestParameters(request).find(([parameter]) => parameter === 'SecretName') ?? [];
  return { action: `kms:${operation}`, resource: `acs:kms:${region}:${accountId}:secret/${name}` };
}

function objectPermission({ operation, request }: DoorCall, { accountId }: Surroundings): Permission {
  const [target] = targetsOf(request);
  const path = target === undefined || target.key === '' ? (target?.bucket ?? '') : `${target.bucket}/${target.key}`;
  return { action: `oss:${operation}`, resource: `acs:oss:*:${accountId}:${path}` };
}

/** The bus stands in each event: https://help.aliyun.com/document_detail/164006.htm */
function busPermissions({ operation, request }: DoorCall, { accountId, region }: Surroundings): Permission[] {
  const names = [...request.body.toString().matchAll(/"aliyuneventbusname":"([^"]*)"/g)].map(([, name = '']) => name);
  return [...new Set(names)].map((name) => ({
    action: `eventbridge:${operation}`,
    resource: `acs:eventbridge:${region}:${accountId}:eventbus/${name}`,
  }));
}

/** Which resources a call is about: https://www.alibabacloud.com/help/en/ecs/user-guide/use-ram-to-implement-permission-control */
function instancePermissions({ request }: DoorCall, { accountId, region, tagsOf }: Surroundings): Permission[] {
  const { action } = readCall(request);
  const parameters = requestParameters(request);
  const valuesOf = (pattern: RegExp) => parameters.flatMap(([name, value]) => (pattern.test(name) ? [value] : []));
  const need = (path: string, tags = {}): Permission => ({
    action: `ecs:${action}`,
    resource: `acs:ecs:${region}:${accountId}:${path}`,
    tags,
  });
  const commands = valuesOf(/^CommandId$/).map((id) => need(`command/${id}`));
  const instances = valuesOf(/^InstanceId(\.\d+)?$/).map((id) => need(`instance/${id}`, tagsOf(id)));
  const named = [...commands, ...instances];
  if (action === 'DescribeCommands') return [need('command/*')];
  return named.length > 0 ? named : [need('command/*'), need('instance/*')];
}
