import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Io } from '../io.ts';
import type { DeployEnvironment } from '../setup/deploy-environment.ts';
import { hideSecrets } from './hide-secrets.ts';
import { runProcess } from './run-process.ts';

export interface SRun {
  /** `deploy` or `remove`. */
  verb: 'deploy' | 'remove';
  /** The text of the file that it works on. */
  yaml: string;
}

/**
 * Runs the unmodified Serverless Devs on a file beside s.yaml, from which `code` is found. The key goes by the
 * environment, in the form that the tool has for it (`<access>_serverless_devs_key`), so that no command line shows it;
 * the tool reports every command line over plain HTTP unless its set-config.yml says `analysis: disable`.
 */
export async function runS(io: Io, { verb, yaml }: SRun, deploy: DeployEnvironment): Promise<void> {
  // Two deploys at once do not take each other's file away.
  const template = `.s.${deploy.environmentName}.${process.pid}.yaml`;
  const path = join(io.root, template);
  const home = join(io.root, 'node_modules', '.cache', 'serverless-devs-deploy');
  await mkdir(home, { recursive: true });
  await writeFile(join(home, 'set-config.yml'), 'analysis: disable\n');
  await writeFile(path, yaml, { mode: 0o600 });
  try {
    // The tool of package.json, unless the shell names another one.
    const command = io.env['SERVERLESS_DEVS'] ?? join(io.root, 'node_modules', '.bin', 's');
    const args = [verb, '--template', template, '--assume-yes'];
    const env = toolEnvironment(io, deploy, home);
    const hide = hideSecrets(env);
    const code = await runProcess({ ...io, err: (line) => io.err(hide(line)) }, command, args, env);
    if (code !== 0) throw new Error(`s ${verb} ended with exit code ${code}; what it said stands above`);
  } finally {
    await rm(path, { force: true });
    // It keeps the variables of the functions there in clear.
    await rm(join(home, 'logs'), { recursive: true, force: true });
  }
}

/** What the deploying shell has, so that s.yaml finds its values. */
function toolEnvironment({ env }: Io, deploy: DeployEnvironment, home: string): Record<string, string | undefined> {
  const { accessKeyId, accessKeySecret, securityToken } = deploy.credentials;
  const key = {
    AccountID: deploy.accountId,
    AccessKeyID: accessKeyId,
    AccessKeySecret: accessKeySecret,
    ...(securityToken === undefined ? {} : { SecurityToken: securityToken }),
  };
  return {
    ...env,
    default_serverless_devs_key: JSON.stringify(key),
    serverless_devs_config_home: home,
    // With this it starts neither its usage report nor its search for updates.
    NODE_ENV: 'test',
  };
}
