import { environmentSchema } from '../../shared/config/environment.ts';
import { messengerEnvironmentSchema, sourceEnvironmentSchema } from '../../shared/platforms/dingtalk/environment.ts';
import type { FunctionName } from '../../shared/request/next-step.ts';
import { type Part, variablesIn } from '../../shared/workflows/fill-in.ts';
import { isMap } from './fill-in.ts';

/** The variables of a function: those that it does not start without, and all that it reads. */
export interface FunctionVariables {
  needed: string[];
  known: string[];
}

/** What each function reads beside workflows.yaml, and the part of that file that it fills in; see its handler. */
const READS = {
  ingest: { schemas: [environmentSchema, sourceEnvironmentSchema], part: 'on' },
  dispatch: { schemas: [environmentSchema], part: 'run' },
  notify: { schemas: [environmentSchema, messengerEnvironmentSchema], part: 'chats' },
} as const;

/** Read by the runtime itself: https://help.aliyun.com/document_detail/2512968.html and Node.js. */
const OF_RUNTIME = ['ALIYUN_FC_LOG_LEVEL', 'NODE_OPTIONS', 'TZ'];

/** `workflows` is workflows.yaml as parsed. */
export function functionVariables(name: FunctionName, workflows: unknown): FunctionVariables {
  const { schemas, part } = READS[name];
  const entries = schemas.flatMap(({ shape }) => Object.entries(shape));
  const own = entries.filter(([, schema]) => !schema.safeParse(undefined).success).map(([variable]) => variable);
  const filledIn = variablesIn(JSON.stringify(partOf(workflows, part)) ?? '');
  return {
    needed: [...new Set([...own, ...filledIn])],
    known: [...new Set([...entries.map(([variable]) => variable), ...filledIn, ...OF_RUNTIME])],
  };
}

function partOf(workflows: unknown, part: Part): unknown {
  if (!isMap(workflows)) return undefined;
  if (part === 'chats') return workflows['chats'];
  const { workflows: all } = workflows;
  return isMap(all) ? Object.values(all).map((workflow) => (isMap(workflow) ? workflow[part] : undefined)) : undefined;
}
