import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import FcClient, * as models from '@alicloud/fc20230330';
import { $OpenApiUtil } from '@alicloud/openapi-core';
import { z } from 'zod';
import { zipFolder } from './zip-folder.ts';

/**
 * Stands in for the component `fc3` 0.1.22 of Serverless Devs, which comes from a registry: the unmodified tool loads it
 * from its cache and calls it with what it has made of s.yaml. It makes the same calls through the official client, with
 * what the component sends for blocks that are left out, and like the component it ends well when a removal fails:
 * https://github.com/devsapp/fc3, `src/default/config.ts`, `src/subCommands/deploy` and `remove`. Code goes as a zip in
 * the call, and log projects are not made.
 */
export class StockComponent {
  async deploy(toolInputs: unknown) {
    const { props, yaml, ...inputs } = inputsSchema.parse(toolInputs);
    const client = clientOf(await inputs.getCredential());
    const zipFile = (await zipFolder(join(dirname(yaml.path), props.code))).toString('base64');
    await putFunction(client, props, zipFile);
    for (const trigger of props.triggers) await putTrigger(client, props.functionName, trigger);
    await client.putAsyncInvokeConfig(
      props.functionName,
      new models.PutAsyncInvokeConfigRequest({ body: new models.PutAsyncInvokeConfigInput(props.asyncInvokeConfig) }),
    );
    if (props.scalingConfig) await putScaling(client, props.functionName, props.scalingConfig);
    return { functionName: props.functionName };
  }

  async remove(toolInputs: unknown) {
    const { props, ...inputs } = inputsSchema.parse(toolInputs);
    const client = clientOf(await inputs.getCredential());
    try {
      await client.deleteFunction(props.functionName);
    } catch (error) {
      process.stderr.write(`remove error: ${error instanceof Error ? error.message : String(error)}\n`);
    }
  }
}

const triggerSchema = z.object({
  triggerName: z.string(),
  triggerType: z.string(),
  triggerConfig: z.record(z.string(), z.unknown()),
});
const scalingSchema = z.object({ minInstances: z.number() });
const propsSchema = z.looseObject({
  region: z.string(),
  functionName: z.string(),
  code: z.string(),
  environmentVariables: z.record(z.string(), z.string()).default({}),
  logConfig: z.unknown(),
  tags: z.array(z.object({ key: z.string(), value: z.string() })).default([]),
  triggers: z.array(triggerSchema).default([]),
  asyncInvokeConfig: z.record(z.string(), z.unknown()),
  scalingConfig: scalingSchema.optional(),
});
const credentialSchema = z.object({ AccessKeyID: z.string(), AccessKeySecret: z.string() });
/** What `s` 3.1.10 hands to a component's method, as seen. */
const inputsSchema = z.object({
  props: propsSchema,
  yaml: z.object({ path: z.string() }),
  getCredential: z.custom<() => Promise<unknown>>((value) => typeof value === 'function'),
});
type Props = z.infer<typeof propsSchema>;

const EMPTY = {
  vpcConfig: { securityGroupId: '', vSwitchIds: [], vpcId: '' },
  tracingConfig: {},
  ossMountConfig: { mountPoints: [] },
  nasConfig: { groupId: 0, userId: 0, mountPoints: [] },
  logConfig: {
    enableInstanceMetrics: false,
    enableRequestMetrics: false,
    logBeginRule: 'None',
    logstore: '',
    project: '',
  },
  internetAccess: true,
  description: '',
};

function clientOf(credential: unknown): FcClient {
  const { AccessKeyID: accessKeyId, AccessKeySecret: accessKeySecret } = credentialSchema.parse(credential);
  const { host, protocol } = new URL(process.env['FC_CLIENT_CUSTOM_ENDPOINT'] ?? '');
  const config = { accessKeyId, accessKeySecret, endpoint: host, protocol: protocol.slice(0, -1) };
  return new FcClient(new $OpenApiUtil.Config(config));
}

async function putFunction(client: FcClient, props: Props, zipFile: string): Promise<void> {
  const { region: _, triggers: __, asyncInvokeConfig: ___, scalingConfig: ____, tags, logConfig, ...own } = props;
  const settings = {
    ...EMPTY,
    ...own,
    ...(logConfig === undefined ? {} : { logConfig: logConfig === 'auto' ? AUTO_LOGS : logConfig }),
    environmentVariables: { ...own.environmentVariables, ...embeddedVariables(own.environmentVariables) },
    code: new models.InputCodeLocation({ zipFile }),
  };
  if (!(await unlessMissing(client.getFunction(props.functionName, new models.GetFunctionRequest({}))))) {
    const body = new models.CreateFunctionInput({ ...settings, tags: tags.map((tag) => new models.Tag(tag)) });
    await client.createFunction(new models.CreateFunctionRequest({ body }));
    return;
  }
  const body = new models.UpdateFunctionInput(settings);
  await client.updateFunction(props.functionName, new models.UpdateFunctionRequest({ body }));
}

/** What the component 0.1.22 makes for `logConfig: auto` in account 1000000000000001. */
const AUTO_LOGS = {
  enableInstanceMetrics: true,
  enableRequestMetrics: true,
  logBeginRule: 'DefaultRegex',
  project: 'serverless-cn-hangzhou-86799978-147b-5125-b29e-26ff24ae23b1',
  logstore: 'default-logs',
};

async function putTrigger(client: FcClient, functionName: string, trigger: z.infer<typeof triggerSchema>) {
  const { triggerName, triggerType } = trigger;
  const triggerConfig = JSON.stringify(trigger.triggerConfig);
  const found = await unlessMissing(client.getTrigger(functionName, triggerName));
  if (!found) {
    const body = new models.CreateTriggerInput({ triggerName, triggerType, triggerConfig });
    await client.createTrigger(functionName, new models.CreateTriggerRequest({ body }));
    return;
  }
  const current: unknown = JSON.parse(found.body?.triggerConfig ?? '{}');
  if (isDeepStrictEqual(current, trigger.triggerConfig)) return;
  const body = new models.UpdateTriggerInput({ triggerConfig });
  await client.updateTrigger(functionName, triggerName, new models.UpdateTriggerRequest({ body }));
}

async function putScaling(client: FcClient, name: string, scaling: z.infer<typeof scalingSchema>): Promise<void> {
  const body = new models.PutScalingConfigInput(scaling);
  await client.putScalingConfig(name, new models.PutScalingConfigRequest({ body }));
}

const missingSchema = z.object({ statusCode: z.literal(404) });

async function unlessMissing<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (missingSchema.safeParse(error).success) return undefined;
    throw error;
  }
}

/** What tells the bundles of an environment that the cloud is the embedded one; the one thing that the component lacks. */
function embeddedVariables({ LOOP_ENVIRONMENT = '' }: Record<string, string>): Record<string, string> {
  const byEnvironment = z.record(z.string(), z.record(z.string(), z.string()));
  return byEnvironment.parse(JSON.parse(process.env['EMBEDDED_VARIABLES'] ?? '{}'))[LOOP_ENVIRONMENT] ?? {};
}
