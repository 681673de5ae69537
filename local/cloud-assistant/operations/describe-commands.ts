import { z } from 'zod';
import { encodeContent } from '../command-content.ts';
import { parameterNames } from '../command-parameters.ts';
import { isoMinutes } from '../format-time.ts';
import { base64Unless, filter, paging, tagFilters } from '../input.ts';
import { operation } from '../operation.ts';
import { page } from '../page.ts';
import type { Command } from '../records.ts';
import { hasTags, tagsAnswer } from '../tags.ts';

const Input = z.object({
  ...paging(),
  CommandId: filter(),
  ContentEncoding: base64Unless(),
  Description: filter(),
  Name: filter(),
  Provider: filter(),
  ResourceGroupId: filter(),
  Tag: tagFilters(),
  Type: filter(),
});
type Input = z.infer<typeof Input>;

export const describeCommands = operation('DescribeCommands', Input, (input, { state }) => {
  const found = state.commands.newestFirst().filter((command) => isWanted(command, input));
  const { entries, fields } = page(found, input, ({ commandId }) => commandId);
  return { ...fields, Commands: { Command: entries.map((command) => describe(command, input)) } };
});

function isWanted(command: Command, input: Input): boolean {
  return (
    // With a provider only public commands are asked for, and there are none here.
    !input.Provider &&
    (input.CommandId ?? command.commandId) === command.commandId &&
    (input.Type ?? command.type) === command.type &&
    (input.ResourceGroupId ?? command.resourceGroupId) === command.resourceGroupId &&
    matchesWildcard(command.name, input.Name) &&
    matchesWildcard(command.description, input.Description) &&
    hasTags(command.tags, input.Tag)
  );
}

/** `a*`, `*a`, `*a*`; without an asterisk the whole text is meant. */
function matchesWildcard(value: string, wanted: string | undefined): boolean {
  if (wanted === undefined) return true;
  const text = wanted.replace(/^\*|\*$/g, '');
  if (wanted.length > 1 && wanted.startsWith('*') && wanted.endsWith('*')) return value.includes(text);
  if (wanted.startsWith('*')) return value.endsWith(text);
  return wanted.endsWith('*') ? value.startsWith(text) : value === wanted;
}

function describe(command: Command, { ContentEncoding }: Input) {
  const content = Buffer.from(command.content, 'base64');
  return {
    CommandId: command.commandId,
    Name: command.name,
    Description: command.description,
    Type: command.type,
    CommandContent: encodeContent(content, ContentEncoding),
    CreationTime: isoMinutes(command.creationTime),
    Timeout: command.timeout,
    WorkingDir: command.workingDir,
    Launcher: command.launcher,
    EnableParameter: command.enableParameter,
    ParameterNames: { ParameterName: command.enableParameter ? parameterNames(content) : [] },
    InvokeTimes: command.invokeTimes,
    ResourceGroupId: command.resourceGroupId,
    Tags: tagsAnswer(command.tags),
  };
}
