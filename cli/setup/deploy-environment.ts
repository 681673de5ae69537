import * as z from 'zod/mini';
import { EnvFileError, type EnvironmentSettings, loadEnvironment } from '../../setup/environments/env-file.ts';
import type { SetupTarget } from '../../setup/target.ts';
import type { Credentials } from '../../shared/alicloud/credentials.ts';
import { isSet, textVariable, urlVariable } from '../../shared/config/environment.ts';
import { type Io, UsageError } from '../io.ts';

/** What a shell has that works on a real cloud: the names are those of Alibaba Cloud's own tools and of s.yaml. */
const deploySchema = z.object({
  ALIBABA_CLOUD_ACCESS_KEY_ID: textVariable,
  ALIBABA_CLOUD_ACCESS_KEY_SECRET: textVariable,
  ALIBABA_CLOUD_SECURITY_TOKEN: z.optional(textVariable),
  ALIYUN_ACCOUNT_ID: z.string().check(z.regex(/^\d{16}$/, 'must be the 16 digits of the account')),
  ALIYUN_REGION: z.optional(textVariable),
  EVENT_BRIDGE_ENDPOINT: z.optional(urlVariable),
  ECS_ENDPOINT: z.optional(urlVariable),
  OSS_ENDPOINT: z.optional(urlVariable),
  RAM_ENDPOINT: z.optional(urlVariable),
  FC_ENDPOINT: z.optional(urlVariable),
  SLS_ENDPOINT: z.optional(urlVariable),
  KMS_ENDPOINT: z.optional(urlVariable),
});

export interface DeployEnvironment {
  environmentName: string;
  settings: EnvironmentSettings;
  region: string;
  accountId: string;
  credentials: Credentials;
  /** URLs, where they are not the region's own. */
  endpoints: SetupTarget['endpoints'];
}

/** The environment of this name in env.yaml, and what the shell has for it. Whatever is wrong is a UsageError. */
export async function readDeployEnvironment(io: Pick<Io, 'env' | 'root'>, name: string): Promise<DeployEnvironment> {
  const settings = await loadEnvironment(io.root, name).catch((error: unknown) => {
    throw error instanceof EnvFileError ? new UsageError(error.message) : error;
  });
  const shell = readShell(io);
  const { region } = settings;
  if (shell.region !== undefined && shell.region !== region)
    throw new UsageError(
      `ALIYUN_REGION is "${shell.region}", but env.yaml has ${name} in ${region}; unset it, or change env.yaml`,
    );
  return { ...shell, environmentName: name, settings, region };
}

/** A UsageError names every variable that is missing or wrong, and never a value. */
function readShell({ env }: Pick<Io, 'env'>) {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => isSet(value)));
  const parsed = deploySchema.safeParse(set);
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path: [name], message }) =>
      set[String(name)] === undefined ? `${String(name)} is not set` : `${String(name)} ${message}`,
    );
    throw new UsageError(`this shell cannot work on a cloud: ${faults.join('; ')}; set them, as docs/deploy.md says`);
  }
  const { data } = parsed;
  const endpoints = {
    eventBridge: data.EVENT_BRIDGE_ENDPOINT,
    ecs: data.ECS_ENDPOINT,
    oss: data.OSS_ENDPOINT,
    ram: data.RAM_ENDPOINT,
    fc: data.FC_ENDPOINT,
    sls: data.SLS_ENDPOINT,
    kms: data.KMS_ENDPOINT,
  };
  return {
    region: data.ALIYUN_REGION,
    accountId: data.ALIYUN_ACCOUNT_ID,
    credentials: {
      accessKeyId: data.ALIBABA_CLOUD_ACCESS_KEY_ID,
      accessKeySecret: data.ALIBABA_CLOUD_ACCESS_KEY_SECRET,
      ...(data.ALIBABA_CLOUD_SECURITY_TOKEN === undefined ? {} : { securityToken: data.ALIBABA_CLOUD_SECURITY_TOKEN }),
    },
    endpoints: withoutUndefined(endpoints),
  };
}

function withoutUndefined<K extends string>(values: Record<K, string | undefined>): { [N in K]?: string } {
  const set: { [N in K]?: string } = {};
  for (const name in values) {
    const value = values[name];
    if (value !== undefined) set[name] = value;
  }
  return set;
}

/** Names of environments, as they become part of names of buckets. */
export function readEnvironmentName(name: string): string {
  if (/^[a-z][a-z0-9-]{0,15}$/.test(name)) return name;
  throw new UsageError(`--env "${name}" is no name of an environment: 1 to 16 of a-z, 0-9 and -, such as dev or prod`);
}
