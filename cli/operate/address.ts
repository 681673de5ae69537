import { resolve } from 'node:path';
import * as z from 'zod';
import type { Credentials } from '../../shared/alicloud/credentials.ts';
import { type Clock, createSystemClock } from '../../shared/clock.ts';
import { isSet } from '../../shared/config/environment.ts';
import { callHttp } from '../../shared/http/call.ts';
import type { ObjectStore } from '../../shared/journal/object-store.ts';
import { createOssStore } from '../../shared/journal/oss-store.ts';
import { parseJson } from '../../shared/json.ts';
import { namesOf } from '../../shared/names.ts';
import { type Io, UsageError } from '../io.ts';
import { findRunningCloud } from '../local-cloud.ts';
import { readDeployEnvironment, readEnvironmentName } from '../setup/deploy-environment.ts';

/** Where an environment's services are, and the key that opens them. */
export interface Address {
  environmentName: string;
  region: string;
  accountId: string;
  credentials: Credentials;
  oss: string;
  fc: string | undefined;
  /** The service of Function Compute 2.0 that holds the functions. */
  service: string | undefined;
  /** The environment's time. */
  clock: Clock;
}

/** The cloud of this shell's key, or the embedded one that runs on `state`. */
export function findAddress(io: Io, options: { env?: string; state: string }): Promise<Address> {
  return options.env === undefined ? embedded(io, options.state) : real(io, options.env);
}

async function real(io: Io, name: string): Promise<Address> {
  const { endpoints, ...deploy } = await readDeployEnvironment(io, readEnvironmentName(name));
  const oss = endpoints.oss ?? `https://oss-${deploy.region}.aliyuncs.com`;
  const service = readService(io.env['FC_SERVICE']);
  return { ...deploy, oss, fc: endpoints.fc, service, clock: createSystemClock() };
}

/** https://www.alibabacloud.com/help/en/functioncompute/fc-2-0/developer-reference/api-fc-open-2021-04-06-createservice */
function readService(name: string | undefined): string | undefined {
  if (!isSet(name)) return undefined;
  if (/^[A-Za-z_][A-Za-z0-9_-]{0,127}$/.test(name)) return name;
  throw new UsageError(
    `FC_SERVICE "${name.slice(0, 80)}" is no name of a service of Function Compute 2.0: 1 to 128 of A-Z, a-z, 0-9, _ and -, not beginning with a digit or -; unset it for Function Compute 3.0`,
  );
}

const doorSchema = z.object({ clock: z.object({ speed: z.number(), origin: z.number() }) });

async function embedded(io: Io, state: string): Promise<Address> {
  const cloud = await findRunningCloud(resolve(io.root, state));
  const headers = { authorization: `Bearer ${cloud.control.token}` };
  const url = `${cloud.control.url}/variables`;
  const { body } = await callHttp({ service: 'control', method: 'GET', url, headers });
  return {
    environmentName: cloud.bus.replace(/^approval-loop-/, ''),
    region: cloud.region,
    accountId: cloud.account_id,
    credentials: { accessKeyId: cloud.access_key_id, accessKeySecret: cloud.access_key_secret },
    oss: cloud.endpoints.oss,
    fc: cloud.endpoints.fc,
    service: undefined,
    clock: createSystemClock(doorSchema.parse(parseJson(body)).clock),
  };
}

/** The two buckets of the environment. */
export function openStores(address: Address): { records: ObjectStore; work: ObjectStore } {
  const { region, accountId, credentials, oss: endpoint } = address;
  const names = namesOf(address.environmentName, accountId);
  // Signatures carry the machine's time.
  const common = { endpoint, region, credentials: () => credentials, http: callHttp, clock: createSystemClock() };
  return {
    records: createOssStore({ ...common, bucket: names.recordsBucket }),
    work: createOssStore({ ...common, bucket: names.workBucket }),
  };
}
