import { CreateCommandRequest } from '@alicloud/ecs20140526/dist/models/CreateCommandRequest.js';
import * as z from 'zod/mini';
import { createCloudAssistant } from '../shared/alicloud/cloud-assistant.ts';
import type { EcsCaller } from '../shared/alicloud/ecs-caller.ts';
import { defineCommand, type Scripts } from '../shared/workflows/command-content.ts';
import type { Workflows } from '../shared/workflows/schema.ts';
import type { Change } from './change.ts';
import { MADE_BY, type SetupTarget, targetNames } from './target.ts';

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
  const cloudAssistant = createCloudAssistant(ecs, target.region);
  const changes: Change[] = [];
  const commandIds: CommandIds = {};
  for (const [name, command] of Object.entries(workflows.commands)) {
    if (command.path === undefined) continue;
    const definition = defineCommand(targetNames(target).commandPrefix, name, command, scripts);
    const known = await cloudAssistant.findCommandId(definition.name);
    const id = known ?? (target.lookOnly ? NOT_YET : await createCommand(target, ecs, definition));
    commandIds[name] = id;
    changes.push({
      kind: 'command',
      name: definition.name,
      did: known === undefined ? 'created' : 'unchanged',
      detail: id,
    });
  }
  return { changes, commandIds };
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

const listedSchema = z.object({
  Commands: z.object({ Command: z.array(z.object({ CommandId: z.string(), Description: z.optional(z.string()) })) }),
  NextToken: z.optional(z.string()),
});

/**
 * Every command that setup has made for the environment, as ECS lists them, of earlier releases too: requests that were planned with one of
 * those still run it. A name with an asterisk at its end matches all that begin so:
 * https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-describecommands
 */
export async function listCommandIds(target: SetupTarget, ecs: EcsCaller): Promise<string[]> {
  const filter = { RegionId: target.region, Name: `${targetNames(target).commandPrefix}*`, MaxResults: PAGE };
  const ids: string[] = [];
  for (let token: string | undefined = ''; token !== undefined; ) {
    const query: object = { ...filter, ...(token === '' ? {} : { NextToken: token }) };
    const { Commands, NextToken } = await ecs.call('DescribeCommands', { ...query }, listedSchema);
    ids.push(...Commands.Command.flatMap(({ CommandId, Description }) => (Description === MADE_BY ? [CommandId] : [])));
    token = NextToken || undefined;
  }
  return ids;
}
