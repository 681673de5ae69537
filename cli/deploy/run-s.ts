import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Io } from '../io.ts';
import type { DeployEnvironment } from '../setup/deploy-environment.ts';
import { hideSecrets } from './hide-secrets.ts';
import { runProcess } from './run-process.ts';

/** Where 3.1.10 keeps its files below `serverless_devs_config_home`: as a rule, and on one vendor's build machines. */
const TOOL_FOLDERS = ['.s', join('.cache', '.s')];

/** An access of the tool is a JSON text in a variable, whose whole name is its alias; its end must be this. */
const ACCESS = 'default_serverless_devs_key';

export interface SRun {
  /** `deploy` or `remove`. */
  verb: 'deploy' | 'remove';
  /** The text of the file that it works on. */
  yaml: string;
}

/**
 * Runs the unmodified Serverless Devs on a file beside s.yaml, from which `code` is found. The key goes by the
 * environment, so that no command line shows it; the tool reports every command line over plain HTTP unless its
 * set-config.yml says `analysis: disable`.
 */
export async function runS(io: Io, { verb, yaml }: SRun, deploy: DeployEnvironment): Promise<void> {
  // Two deploys at once do not take each other's file away.
  const template = `.s.${deploy.environmentName}.${process.pid}.yaml`;
  const path = join(io.root, template);
  const home = join(io.root, 'node_modules', '.cache', 'serverless-devs-deploy');
  for (const folder of TOOL_FOLDERS) {
    await mkdir(join(home, folder), { recursive: true });
    await writeFile(join(home, folder, 'set-config.yml'), 'analysis: disable\n');
  }
  await writeFile(path, yaml, { mode: 0o600 });
  try {
    // The tool of package.json, unless the shell names another one.
    const command = io.env['SERVERLESS_DEVS'] ?? join(io.root, 'node_modules', '.bin', 's');
    const args = [verb, '--template', template, '--access', ACCESS, '--assume-yes'];
    const env = toolEnvironment(io, deploy, home);
    const hide = hideSecrets(env);
    const code = await runProcess({ ...io, err: (line) => io.err(hide(line)) }, command, args, env);
    if (code !== 0)
      throw new Error(`s ${verb} ended with exit code ${code}; what it said stands above; then run ${verb} again`);
  } catch (error) {
    if (io.signal.aborted)
      io.err(`interrupted in the middle of "s ${verb}"; run ${verb} again, which goes on from there`);
    throw error;
  } finally {
    await rm(path, { force: true });
    // It keeps the variables of the functions there in clear.
    for (const folder of TOOL_FOLDERS) await rm(join(home, folder, 'logs'), { recursive: true, force: true });
  }
}

/**
 * What the deploying shell has, so that s.yaml finds its values. A key pair in variables of the tool's own wins over any
 * access, wherever it comes from, a `.env` included, so that those variables are ours, too; a token they cannot carry.
 */
function toolEnvironment({ env }: Io, deploy: DeployEnvironment, home: string): Record<string, string | undefined> {
  const { accessKeyId, accessKeySecret, securityToken } = deploy.credentials;
  const { AccountID: _, AccessKeyID: __, AccessKeySecret: ___, ...shell } = env;
  const pair = { AccountID: deploy.accountId, AccessKeyID: accessKeyId, AccessKeySecret: accessKeySecret };
  const key = securityToken === undefined ? pair : { ...pair, SecurityToken: securityToken };
  return {
    ...shell,
    ...(securityToken === undefined ? pair : {}),
    [ACCESS]: JSON.stringify(key),
    serverless_devs_config_home: home,
    // The component's own name for it.
    ...(deploy.endpoints.fc === undefined ? {} : { FC_CLIENT_CUSTOM_ENDPOINT: deploy.endpoints.fc }),
    // With this it starts neither its usage report nor its search for updates.
    NODE_ENV: 'test',
  };
}
