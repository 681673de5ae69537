import { json } from 'node:stream/consumers';
import { z } from 'zod';
import { createCloudAssistant } from '../../../../shared/alicloud/cloud-assistant.ts';
import { createEcsCaller } from '../../../../shared/alicloud/ecs-caller.ts';
import { ourCalls } from '../ecs-calls.ts';

/** Runs in a process of its own, bundled as the functions are: makes every call and prints what came of each. */
const inputSchema = z.object({
  endpoint: z.string(),
  credentials: z.object({
    accessKeyId: z.string(),
    accessKeySecret: z.string(),
    securityToken: z.string().exactOptional(),
  }),
});

async function main(): Promise<void> {
  const { endpoint, credentials } = inputSchema.parse(await json(process.stdin));
  const config = { endpoint, protocol: 'http', regionId: 'cn-hangzhou', credentials: () => credentials } as const;
  const results: unknown[] = [];
  for (const call of ourCalls(createCloudAssistant(createEcsCaller(config), 'cn-hangzhou'))) {
    results.push(await call().catch(({ name, code, message }) => ({ name, code, message })));
  }
  process.stdout.write(JSON.stringify(results));
}

void main();
