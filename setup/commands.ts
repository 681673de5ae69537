import { CreateCommandRequest } from '@alicloud/ecs20140526/dist/models/CreateCommandRequest.js';
import * as z from 'zod/mini';
import type { EcsCaller } from '../shared/alicloud/ecs-caller.ts';
import { type CommandDefinition, defineCommand, type Scripts } from '../shared/workflows/command-content.ts';
import type { Workflows } from '../shared/workflows/schema.ts';
import type { Change } from './change.ts';
import { foreignChange, isOurs, MADE_BY } from './ownership.ts';
import { type SetupTarget, targetNames } from './target.ts';

/** Stands for the id of a command that setup would create. */
const NOT_YET = '(new)';
const PAGE = 50;

const createdSchema = z.object({ CommandId: z.string() });

/** Ids of the commands by the name they have in workflows.yaml. */
export type CommandIds = Record<string, string>;

/**
 * One Cloud Assistant command for each command that runs a script on the instance. Its name carries the hash of its
 * content, so that a changed one is a new command and runs that are under way keep theirs.
 */
export async function setUpCommands(
  target: SetupTarget,
  ecs: EcsCaller,
  { workflows, scripts }: { workflows: Workflows; scripts: Scripts },
): Promise<{ changes: Change[]; commandIds: CommandIds }> {
  const changes: Change[] = [];
  const commandIds: CommandIds = {};
  for (const [name, command] of Object.entries(workflows.commands)) {
    if (command.path === undefined) continue;
    const definition = defineCommand(targetNames(target).commandPrefix, name, command, scripts);
    const change = await setUpCommand(target, ecs, definition);
    changes.push(change);
    if (change.did !== 'refused') commandIds[name] = change.detail;
  }
  return { changes, commandIds };
}

/** Its detail is the id of the command, or why it is refused. */
type CommandChange = Change & { detail: string };

/** The API cannot change the content of a command: one whose content is not ours any more is made anew. */
async function setUpCommand(
  target: SetupTarget,
  ecs: EcsCaller,
  definition: CommandDefinition,
): Promise<CommandChange> {
  const change = { kind: 'command', name: definition.name } as const;
  const found = await findCommands(target, ecs, definition.name);
  const [foreign] = found.filter(({ Description }) => !isOurs(Description));
  if (foreign && !target.adopt)
    return { detail: foreign.CommandId, ...foreignChange(target, 'command', definition.name) };
  const good = found.find((command) => isOurs(command.Description) && command.content === definition.content);
  const bad = found.filter((command) => command !== good);
  for (const { CommandId } of target.lookOnly ? [] : bad) await deleteCommand(target, ecs, CommandId);
  const id = good?.CommandId ?? (target.lookOnly ? NOT_YET : await createCommand(target, ecs, definition));
  const did = found.length === 0 ? 'created' : bad.length === 0 ? 'unchanged' : 'updated';
  return { ...change, did, detail: id };
}

async function createCommand(
  target: SetupTarget,
  ecs: EcsCaller,
  { name, content }: { name: string; content: string },
): Promise<string> {
  const request = new CreateCommandRequest({
    regionId: target.region,
    name,
    description: MADE_BY,
    type: 'RunShellScript',
    // CreateCommand takes Base64 by default, RunCommand plain text: always say which.
    commandContent: Buffer.from(content).toString('base64'),
    contentEncoding: 'Base64',
    enableParameter: true,
  });
  return (await ecs.call('CreateCommand', request.toMap(), createdSchema)).CommandId;
}

export async function deleteCommand({ region }: SetupTarget, ecs: EcsCaller, CommandId: string): Promise<void> {
  await ecs.call('DeleteCommand', { RegionId: region, CommandId }, z.unknown());
}

const listedSchema = z.object({
  Commands: z.object({
    Command: z.array(
      z.object({
        CommandId: z.string(),
        Description: z.optional(z.string()),
        CommandContent: z._default(z.string(), ''),
      }),
    ),
  }),
  NextToken: z.optional(z.string()),
});

/**
 * Every command that setup has made for the environment, as ECS lists them, of earlier releases too: requests that were
 * planned with one of those still run it.
 */
export async function listCommandIds(target: SetupTarget, ecs: EcsCaller): Promise<string[]> {
  const found = await findCommands(target, ecs, `${targetNames(target).commandPrefix}*`);
  return found.flatMap(({ CommandId, Description }) => (isOurs(Description) ? [CommandId] : []));
}

/**
 * Commands of this name; with an asterisk at its end, all whose names begin so:
 * https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-describecommands
 */
async function findCommands({ region }: SetupTarget, ecs: EcsCaller, Name: string) {
  const filter = { RegionId: region, Name, MaxResults: PAGE, ContentEncoding: 'Base64' };
  const found: { CommandId: string; Description: string | undefined; content: string }[] = [];
  for (let token: string | undefined = ''; token !== undefined; ) {
    const query: object = { ...filter, ...(token === '' ? {} : { NextToken: token }) };
    const { Commands, NextToken } = await ecs.call('DescribeCommands', { ...query }, listedSchema);
    for (const { CommandId, Description, CommandContent } of Commands.Command)
      found.push({ CommandId, Description, content: Buffer.from(CommandContent, 'base64').toString() });
    token = NextToken || undefined;
  }
  return found;
}
