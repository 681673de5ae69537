import { z } from 'zod';
import { apiError, notEmulated } from './api-error.ts';
import { clientToken, instanceIds, launcher, resourceTags, tags, text, timeout, workingDir } from './input.ts';

export const MAX_RUN_INSTANCES = 100;

/** What RunCommand and InvokeCommand have in common. */
export const RunInput = z.object({
  ClientToken: clientToken(),
  ContainerId: z.string().optional(),
  ContainerName: z.string().optional(),
  Frequency: z.string().optional(),
  InstanceId: instanceIds(MAX_RUN_INSTANCES),
  Launcher: launcher().optional(),
  OssOutputDelivery: z.string().optional(),
  Parameters: z.string().optional(),
  RepeatMode: z
    .enum(['Once', 'Period', 'NextRebootOnly', 'EveryReboot', 'DryRun'], 'InvalidRepeatMode.NotFound')
    .default('Once'),
  ResourceGroupId: text(64, 'InvalidParameter').default(''),
  ResourceTag: resourceTags(20),
  Tag: tags(),
  TerminationMode: z.enum(['Process', 'ProcessTree'], 'InvalidTerminationMode.NotFound').default('Process'),
  Timeout: timeout().optional(),
  Username: text(255, 'Username.ExceedLimit').default(''),
  WindowsPasswordName: z.string().optional(),
  WorkingDir: workingDir().optional(),
});
export type RunInput = z.infer<typeof RunInput>;

const NOT_EMULATED = [
  'ContainerId',
  'ContainerName',
  'Frequency',
  'Launcher',
  'OssOutputDelivery',
  'WindowsPasswordName',
] as const;

export function refuseNotEmulated(input: RunInput): void {
  if (input.RepeatMode !== 'Once') throw notEmulated(`RepeatMode ${input.RepeatMode}`);
  const used = NOT_EMULATED.find((name) => input[name]);
  if (used) throw notEmulated(used);
}

/** Only Linux instances exist here. */
export function refuseWindows(type: string): void {
  if (type !== 'RunShellScript') throw apiError('InvalidInstance.NotMatch', type);
}
