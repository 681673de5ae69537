import { z } from 'zod';
import { apiError } from '../api-error.ts';
import { base64Length, decodeContent } from '../command-content.ts';
import { clientToken, flag, instanceIds, integer, required, tags, text } from '../input.ts';
import { type Call, findRepeated, operation } from '../operation.ts';
import { pickInstances } from '../pick-instances.ts';
import { type FileTask, pendingRun } from '../records.ts';
import { retain } from '../retain.ts';

const MAX_CONTENT_BASE64_BYTES = 32 * 1024;
const MAX_INSTANCES = 50;

const Input = z.object({
  ClientToken: clientToken(),
  Content: required(),
  ContentType: z.enum(['PlainText', 'Base64'], 'FileContentType.Invalid').default('PlainText'),
  Description: text(512, 'FileDesc.ExceedLimit').default(''),
  FileGroup: text(64, 'InvalidParameter.FileGroup').default('root'),
  FileMode: z
    .string()
    .regex(/^[0-7]{3,4}$/, 'FileMode.Invalid')
    .default('0644'),
  FileOwner: text(64, 'InvalidParameter.FileOwner').default('root'),
  InstanceId: instanceIds(MAX_INSTANCES),
  Name: required().pipe(text(255, 'FileName.ExceedLimit')),
  Overwrite: flag().default(false),
  ResourceGroupId: text(64, 'InvalidParameter').default(''),
  Tag: tags(),
  TargetDir: required().pipe(text(255, 'FileTargetDir.Invalid').startsWith('/', 'FileTargetDir.Invalid')),
  /** Checked and otherwise without effect: a file arrives at once. */
  Timeout: integer(0, 86_400, 'InvalidTimeout.ExceedLimit').optional(),
});

type Input = z.infer<typeof Input>;

export const sendFile = operation('SendFile', Input, async (input, call) => {
  const { state } = call;
  const repeated = findRepeated(state.fileTasks, call);
  if (repeated) {
    await state.fileTasks.settled(repeated);
    return { InvokeId: repeated.invokeId };
  }
  const task = acceptFile(input, call);
  await state.fileTasks.add(task);
  state.runner.startFiles(task);
  await retain(state.fileTasks, state.clock.now());
  return { InvokeId: task.invokeId };
});

function acceptFile(input: Input, { state, clientToken }: Call): FileTask {
  const content = decodeContent(input.Content, input.ContentType, 'FileContent.DecodeError');
  if (base64Length(content) > MAX_CONTENT_BASE64_BYTES) throw apiError('FileSize.ExceedLimit');
  const instanceIds = pickInstances(state, input.InstanceId, { resourceTags: [], max: MAX_INSTANCES });
  const now = state.clock.now();
  return {
    clientToken,
    creationTime: now,
    tags: input.Tag,
    resourceGroupId: input.ResourceGroupId,
    invokeId: state.makeId('f'),
    name: input.Name,
    description: input.Description,
    targetDir: input.TargetDir,
    content: input.Content,
    contentType: input.ContentType,
    fileMode: input.FileMode,
    fileOwner: input.FileOwner,
    fileGroup: input.FileGroup,
    overwrite: input.Overwrite,
    runs: instanceIds.map((id) => pendingRun(id, now)),
  };
}
