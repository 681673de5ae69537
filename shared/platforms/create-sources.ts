import { EnvironmentError, isSet } from '../config/environment.ts';
import type { PlatformName } from '../ids.ts';
import { createDingtalkSource } from './dingtalk/create-source.ts';
import { sourceEnvironmentSchema as dingtalkSchema } from './dingtalk/environment.ts';
import { createLarkSource } from './lark/create-source.ts';
import { sourceEnvironmentSchema as larkSchema } from './lark/environment.ts';
import type { ApprovalSource } from './platform.ts';
import type { PlatformTools, Variables } from './tools.ts';

const SOURCES = {
  dingtalk: { schema: dingtalkSchema, create: createDingtalkSource },
  lark: { schema: larkSchema, create: createLarkSource },
};
const NAMES = ['dingtalk', 'lark'] as const satisfies PlatformName[];

/** The variables without which the platform's side of ingest does not start. */
function neededBy(name: (typeof NAMES)[number]): string[] {
  const entries = Object.entries(SOURCES[name].schema.shape);
  return entries.filter(([, schema]) => !schema.safeParse(undefined).success).map(([variable]) => variable);
}

/** The platforms that this environment means: one of the variables that each cannot do without is set. */
export function configuredSources(variables: Variables): PlatformName[] {
  return NAMES.filter((name) => neededBy(name).some((variable) => isSet(variables[variable])));
}

/** The platforms whose approvals this environment takes. One that is configured by half is an error, and so is none. */
export function createSources(variables: Variables, tools: PlatformTools): ApprovalSource[] {
  const names = configuredSources(variables);
  if (names.length === 0) {
    const sets = NAMES.map((name) => `${neededBy(name).join(', ')} (${name})`).join(', or ');
    throw new EnvironmentError(`the function's environment is wrong: no platform is configured; set ${sets}`);
  }
  return names.map((name) => SOURCES[name].create(variables, tools));
}
