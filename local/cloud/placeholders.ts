import { instanceTextsOf } from '../../shared/workflows/lookups.ts';
import type { Workflows } from '../../shared/workflows/schema.ts';

/** `${NAME}` standing alone, the way a secret or an id is left open in workflows.yaml. */
const PLACEHOLDER = /^\$\{([A-Z][A-Z0-9_]*)\}$/;

/** A robot of the embedded DingTalk for a chat of workflows.yaml. */
export interface LocalRobot {
  chat: string;
  accessToken: string;
  secret: string;
}

/** What the embedded cloud puts where workflows.yaml leaves something open, and what it must make so that it fits. */
export interface LocalValues {
  /** Values of the placeholders, by variable name. */
  variables: Record<string, string>;
  /** Process codes by workflow. */
  processCodes: Record<string, string>;
  robots: LocalRobot[];
  instanceIds: string[];
}

/**
 * Goes through workflows.yaml and settles every open value: what the file spells out is taken as it is, what it leaves
 * open gets a value of the embedded cloud's own.
 */
export function settlePlaceholders(
  { workflows, chats }: Workflows,
  defaults: { instanceIds: readonly string[]; secretFor: (name: string) => string },
): LocalValues {
  const variables: Record<string, string> = {};
  const settle = (text: string, value: string): string => {
    const name = PLACEHOLDER.exec(text)?.[1];
    if (name === undefined) return text;
    variables[name] ??= value;
    return variables[name];
  };
  const processCodes = Object.fromEntries(
    Object.entries(workflows).flatMap(([name, { on }]) =>
      on.dingtalk ? [[name, settle(on.dingtalk.process_code, `PROC-${name.toUpperCase()}`)]] : [],
    ),
  );
  const robots = Object.entries(chats).flatMap(([chat, { dingtalk }]) => {
    if (!dingtalk) return [];
    const accessToken = settle(dingtalk.robot.access_token, defaults.secretFor(`robot-token-${chat}`));
    return [
      { chat, accessToken, secret: settle(dingtalk.robot.secret, `SEC${defaults.secretFor(`robot-secret-${chat}`)}`) },
    ];
  });
  const instanceIds = Object.values(workflows)
    .flatMap((workflow) => instanceTextsOf(workflow).map((text) => settle(text, defaults.instanceIds.join(','))))
    .flatMap((text) => text.split(','));
  return { variables, processCodes, robots, instanceIds: [...new Set(instanceIds)] };
}
