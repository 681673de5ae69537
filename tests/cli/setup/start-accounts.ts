import { join } from 'node:path';
import type { Io } from '../../../cli/io.ts';
import { main } from '../../../cli/main.ts';
import { serve } from '../../../local/http/server.ts';
import { createIdentities } from '../../../local/identities.ts';
import { createRam, type Ram } from '../../../local/ram/create-ram.ts';
import { createSystemClock } from '../../../shared/clock.ts';
import { type Ended, ROOT } from '../command-line.ts';
import { ioOf, type OpsCloud, openOpsCloud } from '../ops-cloud.ts';

/** An account with nothing in it but an instance: the embedded cloud, and a RAM beside it. */
export interface Account {
  ops: OpsCloud;
  ram: Ram;
  /** What a deploying shell has. */
  env: Record<string, string>;
  /** A command line in such a shell. */
  loop(...args: string[]): Promise<Ended>;
  close(): Promise<void>;
}

export async function openAccount(): Promise<Account> {
  const ops = await openOpsCloud();
  const { description } = ops.local;
  const identities = createIdentities(description.account_id);
  const keys = { accessKeyId: description.access_key_id, accessKeySecret: description.access_key_secret };
  identities.add({ ...keys, name: 'root' });
  let ids = 0;
  const newId = () => `request-${++ids}`;
  const ram = createRam({
    identities,
    clock: createSystemClock(),
    newId,
    directory: join(description.directory, 'ram-of-account'),
  });
  const server = await serve(ram.handle);
  const { ecs, event_bridge, oss, fc, sls, kms } = description.endpoints;
  const env: Record<string, string> = {
    ALIBABA_CLOUD_ACCESS_KEY_ID: keys.accessKeyId,
    ALIBABA_CLOUD_ACCESS_KEY_SECRET: keys.accessKeySecret,
    ALIYUN_ACCOUNT_ID: description.account_id,
    ECS_ENDPOINT: `http://${ecs}`,
    EVENT_BRIDGE_ENDPOINT: `http://${event_bridge}`,
    OSS_ENDPOINT: oss,
    RAM_ENDPOINT: server.origin,
    FC_ENDPOINT: fc,
    SLS_ENDPOINT: sls,
    KMS_ENDPOINT: kms,
    ECS_INSTANCE_IDS: description.instances.join(','),
    ECS_BUILD_INSTANCE_IDS: description.instances.join(','),
  };
  return {
    ops,
    ram,
    env,
    loop: (...args) => runIn(env, args),
    close: async () => {
      await server.close();
      await ops.close();
    },
  };
}

/** A command line in a shell with these variables, in the repository or in another folder like it. */
export async function runIn(env: Io['env'], args: readonly string[], root = ROOT): Promise<Ended> {
  const lines: ['stdout' | 'stderr', string][] = [];
  const code = await main(args, { ...ioOf(lines), env, root });
  const textOf = (name: string) => lines.flatMap(([to, line]) => (to === name ? `${line}\n` : [])).join('');
  return { code, stdout: textOf('stdout'), stderr: textOf('stderr') };
}
