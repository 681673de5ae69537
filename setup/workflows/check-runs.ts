import { type Variables, variablesIn } from '../../shared/workflows/fill-in.ts';
import type { Command, Workflow, Workflows } from '../../shared/workflows/schema.ts';
import { type Finding, findingAt } from './finding.ts';

/** Instances of one run: the limit of InvokeCommand and RunCommand. */
const MAX_INSTANCES = 100;
/** Content of SendFile in Base64: https://www.alibabacloud.com/help/en/ecs/api-sendfile */
const MAX_SENT_BYTES = 32 * 1024;
/** Content of RunCommand in Base64: https://www.alibabacloud.com/help/en/ecs/api-runcommand */
const MAX_RUN_BYTES = 24 * 1024;

/** Text of each script by its path in the repository; undefined where there is none. */
export type ScriptTexts = Readonly<Record<string, string | undefined>>;

/** What is wrong or unsafe about commands and what they run on. */
export function checkRuns({ workflows, commands }: Workflows, scripts: ScriptTexts, variables: Variables): Finding[] {
  return [
    ...Object.entries(commands).flatMap(([name, command]) =>
      checkScript(['commands', name, 'script'], command, scripts),
    ),
    ...Object.entries(workflows).flatMap(([name, { run }]) =>
      checkPicks(['workflows', name, 'run', 'instances'], run.instances, variables),
    ),
  ];
}

function checkPicks(path: string[], instances: Workflow['run']['instances'], variables: Variables): Finding[] {
  if (Array.isArray(instances)) return checkInstances(path, instances, variables);
  return Object.entries(instances.map).flatMap(([value, text]) =>
    checkInstances([...path, 'map', value], [text], variables),
  );
}

function checkScript(path: string[], { script, path: target }: Command, scripts: ScriptTexts): Finding[] {
  const text = scripts[script];
  if (text === undefined) return [findingAt('fault', path, `there is no file ${script}`)];
  const placeholder = /\{\{.*?\}\}/.exec(text)?.[0] ?? (text.includes('{{') ? '{{' : undefined);
  if (target === undefined && placeholder !== undefined) {
    const what = `Cloud Assistant would replace ${placeholder} in ${script}, unquoted as it stands there`;
    return [findingAt('fault', path, `${what}; pass it in arguments, or give the script a path`)];
  }
  const bytes = Math.ceil(Buffer.byteLength(text) / 3) * 4;
  const limit = target === undefined ? MAX_RUN_BYTES : MAX_SENT_BYTES;
  return bytes > limit
    ? [
        findingAt(
          'fault',
          path,
          `${script} has ${bytes} bytes in Base64, and ${target === undefined ? 'RunCommand' : 'SendFile'} takes ${limit}`,
        ),
      ]
    : [];
}

function checkInstances(path: string[], texts: readonly string[], variables: Variables): Finding[] {
  const filled = texts.map((text) =>
    text.replace(
      /^\$\{(\w+)\}$/,
      (whole, name: string) => (Object.hasOwn(variables, name) && variables[name]) || whole,
    ),
  );
  const ids = filled.flatMap((text) => text.split(',')).flatMap((id) => id.trim() || []);
  const known = ids.filter((id) => variablesIn(id).length === 0);
  return [
    ...(ids.length > MAX_INSTANCES
      ? [findingAt('fault', path, `${ids.length} instances, and a run takes at most ${MAX_INSTANCES}`)]
      : []),
    ...known
      .filter((id) => !/^i-[A-Za-z0-9]+$/.test(id))
      .map((id) => findingAt('warning', path, `"${id}" does not look like an instance id (i-…)`)),
  ];
}
