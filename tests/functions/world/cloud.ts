import type { CloudAssistant, Invocation } from '../../../shared/alicloud/cloud-assistant.ts';
import type { CommandInput } from '../../../shared/request/records.ts';
import { REQUEST_TAG } from '../../../shared/request/tags.ts';

type Instance = Invocation['instances'][number];

/** A run as Cloud Assistant has it, with the input that started it. */
export interface Run {
  invokeId: string;
  requestId: string;
  input: CommandInput;
  status: string;
  /** Runs for the same employee that had not ended when this one started. */
  besides: string[];
}

/** A Cloud Assistant in memory that knows no ClientToken: each call of `run` that comes through is a run. */
export interface ScriptedCloud extends CloudAssistant {
  runs: Run[];
  /** Ends the runs of this request, or all that still run. */
  finish(options?: { requestId?: string; status?: string; instances?: Readonly<Record<string, string>> }): void;
  /** Somebody stops this run. */
  stop(invokeId: string): void;
  /** The next call throws this, before it has done anything or after. */
  fail(operation: 'run' | 'search' | 'stop', when: 'before' | 'after', error: Error): void;
  /** Commands that do not exist. */
  missing: Set<string>;
  /** Why an instance's run ended otherwise than well, by instance. */
  errors: Map<string, string>;
  /** Instances whose agent does not answer. */
  offline: Set<string>;
  /** Invocations that are not known any more. */
  forgotten: Set<string>;
}

export function createScriptedCloud(): ScriptedCloud {
  const runs: Run[] = [];
  const ended = new Map<string, Readonly<Record<string, string>>>();
  const faults: { operation: string; when: string; error: Error }[] = [];
  const missing = new Set<string>();
  const forgotten = new Set<string>();
  const offline = new Set<string>();
  const errors = new Map<string, string>();
  const failIf = (operation: string, when: string) => {
    const index = faults.findIndex((fault) => fault.operation === operation && fault.when === when);
    const [fault] = index < 0 ? [] : faults.splice(index, 1);
    if (fault) throw fault.error;
  };
  const known = () => runs.filter(({ invokeId }) => !forgotten.has(invokeId)).map(toInvocation);

  function toInvocation({ invokeId, input, status }: Run): Invocation {
    const instances = input.instances.map((instanceId): Instance => {
      const end = ended.get(invokeId)?.[instanceId] ?? status;
      const known = end === 'Success' ? { exitCode: 0 } : { exitCode: undefined };
      const empty = {
        errorCode: end === 'Success' ? '' : (errors.get(instanceId) ?? ''),
        errorInfo: '',
        startTime: '',
        finishTime: '',
        output: Buffer.alloc(0),
        dropped: 0,
      };
      return { instanceId, status: end, ...known, ...empty };
    });
    const { command_name, content, parameters, tags } = input;
    return { invokeId, commandName: command_name, commandContent: content, parameters, tags, instances };
  }

  return {
    runs,
    missing,
    forgotten,
    offline,
    errors,
    finish: ({ requestId, status = 'Success', instances = {} } = {}) => {
      for (const run of runs) {
        if (run.status !== 'Running' || (requestId !== undefined && run.requestId !== requestId)) continue;
        run.status = status;
        ended.set(run.invokeId, instances);
      }
    },
    stop: (invokeId) => {
      failIf('stop', 'before');
      const run = runs.find((candidate) => candidate.invokeId === invokeId);
      if (run?.status === 'Running') run.status = 'Terminated';
      failIf('stop', 'after');
    },
    fail: (operation, when, error) => void faults.push({ operation, when, error }),
    findCommandId: async (name) => (missing.has(name) ? undefined : `c-${name}`),
    run: async (input) => {
      failIf('run', 'before');
      const invokeId = `t-${runs.length + 1}`;
      const rivals = runs.filter(
        (run) => run.status === 'Running' && run.input.parameters['emp_id'] === input.parameters['emp_id'],
      );
      const requestId = input.tags[REQUEST_TAG] ?? '';
      const besides = rivals.map((run) => run.requestId);
      runs.push({ invokeId, requestId, input, status: 'Running', besides });
      failIf('run', 'after');
      return { invokeId };
    },
    findOnline: async (ids) => ids.filter((id) => !offline.has(id)),
    findInvocation: async (invokeId) => known().find((invocation) => invocation.invokeId === invokeId),
    findInvocationsByTag: async (key, value) => {
      failIf('search', 'before');
      return known()
        .filter(({ tags }) => tags[key] === value)
        .reverse();
    },
  };
}
