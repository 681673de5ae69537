import { resolve } from 'node:path';
import type { Credentials } from '../../shared/alicloud/credentials.ts';
import { createSystemClock } from '../../shared/clock.ts';
import { isSet } from '../../shared/config/environment.ts';
import { callHttp } from '../../shared/http/call.ts';
import { createJournal, type Journal } from '../../shared/journal/journal.ts';
import { createMarkers, type Markers } from '../../shared/journal/markers.ts';
import { createOssStore } from '../../shared/journal/oss-store.ts';
import { type Names, namesOf } from '../../shared/names.ts';
import type { Io } from '../io.ts';
import { findRunningCloud } from '../local-cloud.ts';
import { readDeployEnvironment, readEnvironmentName } from '../setup/deploy-environment.ts';
import type { Invoker } from './invocation.ts';

/** An environment whose functions can be invoked and whose journal can be read. */
export interface Place {
  names: Names;
  journal: Pick<Journal, 'read'>;
  markers: Pick<Markers, 'get'>;
  invoker: Invoker;
}

interface Address {
  environmentName: string;
  region: string;
  accountId: string;
  credentials: Credentials;
  oss: string;
  fc: string | undefined;
  /** The service of Function Compute 2.0 that holds the functions. */
  service: string | undefined;
}

/** The cloud of this shell's key, or the embedded one that runs on `state`. */
export async function openPlace(io: Io, options: { env?: string; state: string }): Promise<Place> {
  const address = options.env === undefined ? await embedded(io, options.state) : await real(io, options.env);
  const { region, accountId, credentials, oss: endpoint } = address;
  const names = namesOf(address.environmentName, accountId);
  // Signatures carry the machine's time.
  const common = { endpoint, region, credentials: () => credentials, http: callHttp, clock: createSystemClock() };
  const records = createOssStore({ ...common, bucket: names.recordsBucket });
  return {
    names,
    journal: createJournal({ records, by: () => 'cli' }),
    markers: createMarkers(createOssStore({ ...common, bucket: names.workBucket })),
    invoker: await createInvoker(address),
  };
}

/** The official clients take half a second to load: other commands do not pay for them. */
async function createInvoker({ region, accountId, credentials, fc, service }: Address): Promise<Invoker> {
  if (service !== undefined) {
    const { createFc2Invoker } = await import('./invoke-fc2.ts');
    return createFc2Invoker({
      region,
      accountId,
      service,
      credentials,
      ...(fc === undefined ? {} : { endpoint: fc }),
    });
  }
  const { createFc3Invoker } = await import('./invoke-fc3.ts');
  return createFc3Invoker({ region, credentials, endpoint: fc ?? `https://${accountId}.${region}.fc.aliyuncs.com` });
}

async function real(io: Io, name: string): Promise<Address> {
  const { endpoints, ...deploy } = await readDeployEnvironment(io, readEnvironmentName(name));
  const oss = endpoints.oss ?? `https://oss-${deploy.region}.aliyuncs.com`;
  const service = io.env['FC_SERVICE'];
  return { ...deploy, oss, fc: endpoints.fc, service: isSet(service) ? service : undefined };
}

async function embedded(io: Io, state: string): Promise<Address> {
  const cloud = await findRunningCloud(resolve(io.root, state));
  return {
    environmentName: cloud.bus.replace(/^approval-loop-/, ''),
    region: cloud.region,
    accountId: cloud.account_id,
    credentials: { accessKeyId: cloud.access_key_id, accessKeySecret: cloud.access_key_secret },
    oss: cloud.endpoints.oss,
    fc: cloud.endpoints.fc,
    service: undefined,
  };
}
