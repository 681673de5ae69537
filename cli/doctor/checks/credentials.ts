import * as sdk from '@alicloud/eventbridge';
import * as z from 'zod';
import { openLogService } from '../../../setup/alerts/open-log-service.ts';
import { bucketExists, createOssClient } from '../../../setup/buckets.ts';
import { createEventBridgeClient, unlessMissing } from '../../../setup/event-bridge-client.ts';
import { createRamClient } from '../../../setup/roles/ram-client.ts';
import { codeOf, describeError } from '../describe-error.ts';
import { error, type Finding } from '../finding.ts';
import { type Patient, SERVICES, type Service } from '../patient.ts';

/** A call of each service that only reads, and that whoever may run setup may make. */
const READ: Record<Service, (patient: Patient) => Promise<unknown>> = {
  oss: ({ target, names }) => bucketExists(createOssClient(target), names.workBucket),
  ecs: ({ ecs, target }) => ecs.call('DescribeInstances', { RegionId: target.region, PageSize: 1 }, z.unknown()),
  'event-bridge': ({ target, names }) =>
    unlessMissing(createEventBridgeClient(target).getEventBus(new sdk.GetEventBusRequest({ eventBusName: names.bus }))),
  ram: ({ target, names }) => createRamClient(target).findRole(names.function('ingest')),
  sls: async ({ target }) => (await openLogService(target)).listAlerts(),
  fc: ({ functionsApi, names }) => functionsApi.find(names.function('ingest')),
};

/** Whether each service takes the key; whatever needs one that does not is then left out. */
export async function checkCredentials(patient: Patient): Promise<{ findings: Finding[]; refused: Set<Service> }> {
  const refused = new Set<Service>();
  const findings = SERVICES.map(async (service): Promise<Finding[]> => {
    try {
      await READ[service](patient);
      return [];
    } catch (fault) {
      refused.add(service);
      return [toFinding(service, patient, fault)];
    }
  });
  return { findings: (await Promise.all(findings)).flat(), refused };
}

const WRONG_KEY = /AccessKeyId|SecretAccessKey|Signature(DoesNot|Not)Match|IncompleteSignature|SecurityToken/i;
const NO_PERMISSION = /Forbidden|NoPermission|AccessDenied|NotAuthorized|Unauthorized/i;

function toFinding(service: Service, { target, origins }: Patient, fault: unknown): Finding {
  const code = codeOf(fault) ?? '';
  const seen = describeError(fault);
  if (WRONG_KEY.test(code))
    return error(
      service,
      `refuses the key: ${seen}`,
      `set ALIBABA_CLOUD_ACCESS_KEY_ID, ALIBABA_CLOUD_ACCESS_KEY_SECRET and, for a temporary key, ALIBABA_CLOUD_SECURITY_TOKEN to a key of account ${target.accountId} that is in use`,
    );
  if (NO_PERMISSION.test(code))
    return error(service, `does not let the key read: ${seen}`, 'let its RAM user do what docs/deploy.md lists');
  return error(service, `does not answer: ${seen}`, `see that this machine reaches ${origins[service]}, and its clock`);
}
