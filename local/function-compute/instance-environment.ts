import type { DeployedFunction } from './deployed-function.ts';
import type { Platform } from './platform.ts';

/**
 * All variables of an instance. The platform's: https://www.alibabacloud.com/help/en/functioncompute/fc/environment-variables;
 * beside them only what makes the process independent of the host's settings.
 */
export function instanceEnvironment(
  platform: Platform,
  { definition, credentials }: Pick<DeployedFunction, 'definition' | 'credentials'>,
  instanceId: string,
): Record<string, string> {
  const key = {
    ALIBABA_CLOUD_ACCESS_KEY_ID: credentials.accessKeyId,
    ALIBABA_CLOUD_ACCESS_KEY_SECRET: credentials.accessKeySecret,
    ALIBABA_CLOUD_SECURITY_TOKEN: credentials.securityToken,
  };
  return {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    HOME: '/tmp',
    TZ: 'UTC',
    ...platform.environment,
    ...definition.environmentVariables,
    ...(credentials.accessKeyId ? key : {}),
    FC_FUNC_CODE_PATH: definition.codeDirectory,
    FC_ACCOUNT_ID: platform.identities.accountId,
    FC_FUNCTION_NAME: definition.functionName,
    FC_FUNCTION_HANDLER: definition.handler,
    FC_FUNCTION_MEMORY_SIZE: String(definition.memorySize),
    FC_REGION: platform.region,
    FC_INSTANCE_ID: instanceId,
    FC_CUSTOM_LISTEN_PORT: '9000',
    FC_VER_ID: 'LATEST',
  };
}
