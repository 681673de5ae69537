import { pauseJson } from './describe-pause.ts';
import type { Inspection } from './inspect-request.ts';

/** An inspection as `--json` prints it: the run without its bytes. */
export function toJson({ run, pause, ...found }: Inspection): object {
  return {
    ...found,
    pause: pause && pauseJson(pause),
    run: run && {
      invoke_id: run.invokeId,
      command: run.commandName,
      instances: run.instances.map((instance) => ({
        instance_id: instance.instanceId,
        status: instance.status,
        exit_code: instance.exitCode ?? null,
        error_code: instance.errorCode,
        error_info: instance.errorInfo,
      })),
    },
  };
}
