import * as z from 'zod/mini';
import type { InvocationInstance } from '../../shared/alicloud/cloud-assistant.ts';
import { sha256Hex } from '../../shared/ids.ts';
import { parseJson } from '../../shared/json.ts';
import { headBytes, tailStart } from '../../shared/message/neutralise.ts';
import { type InstanceResult, RUN_ENDS, type RunEnd } from '../../shared/request/records.ts';

/** Statuses of one instance that will not change any more. */
type InstanceEnd = Exclude<RunEnd, 'PartialFailed'>;
const INSTANCE_ENDS: readonly string[] = RUN_ENDS.filter((end) => end !== 'PartialFailed');

const TAIL_BYTES = 2048;
const HEAD_BYTES = 512;
const MAX_FACTS = 12;
const RESULT_PREFIX = 'PROVISION_RESULT ';

const factValueSchema = z.union([z.string(), z.number(), z.boolean(), z.array(z.union([z.string(), z.number()]))]);
const resultLineSchema = z.record(z.string(), z.unknown());

export function isFinal({ status }: InvocationInstance): boolean {
  return INSTANCE_ENDS.includes(status);
}

/** What an instance's run came to. Status and exit code are Cloud Assistant's; the facts are the script's own words. */
export function toInstanceResult(instance: InvocationInstance): InstanceResult {
  const { output } = instance;
  const start = tailStart(output, TAIL_BYTES);
  return {
    instance_id: instance.instanceId,
    status: endOf(instance),
    exit_code: instance.exitCode ?? null,
    error_code: headBytes(instance.errorCode, 128),
    error_info: headBytes(instance.errorInfo, 512),
    duration_ms: durationMs(instance),
    output_sha256: sha256Hex(output),
    output_tail: output.toString('utf8', start),
    ...headOf(instance, start),
    output_omitted: instance.dropped + start,
    facts: readFacts(output),
  };
}

/** The beginning of what was written, unless the agent has dropped it. */
function headOf(
  { output, dropped }: InvocationInstance,
  tail: number,
): Pick<InstanceResult, 'output_head' | 'lines_omitted'> {
  if (tail === 0 || dropped > 0) return {};
  const output_head = headBytes(output.toString('utf8', 0, tail), HEAD_BYTES);
  const middle = output.subarray(Buffer.byteLength(output_head), tail);
  return { output_head, lines_omitted: middle.filter((byte) => byte === NEWLINE).length };
}
const NEWLINE = 10;

/** A success that ended with another exit code than 0 is none, whatever the status says. */
function endOf({ status, exitCode }: InvocationInstance): InstanceEnd {
  const end = INSTANCE_ENDS.find((candidate): candidate is InstanceEnd => candidate === status) ?? 'Error';
  return end === 'Success' && exitCode !== undefined && exitCode !== 0 ? 'Failed' : end;
}

/** One status for the run: that of all instances, PartialFailed where only some succeeded, else the first failure's. */
export function aggregateStatus(statuses: readonly RunEnd[]): RunEnd {
  const failures = statuses.filter((status) => status !== 'Success');
  const [failure] = failures;
  if (failure === undefined) return 'Success';
  if (failures.length < statuses.length) return 'PartialFailed';
  return failures.every((status) => status === failure) ? failure : 'Failed';
}

function durationMs({ startTime, finishTime }: InvocationInstance): number | null {
  const duration = Date.parse(finishTime) - Date.parse(startTime);
  return Number.isNaN(duration) || duration < 0 ? null : duration;
}

/** The flat values of the last `PROVISION_RESULT {json}` line; anything else in it is left out. */
function readFacts(output: Buffer): Record<string, string> {
  const line = output
    .toString()
    .split('\n')
    .findLast((candidate) => candidate.startsWith(RESULT_PREFIX));
  const result = resultLineSchema.safeParse(parseJson(line?.slice(RESULT_PREFIX.length) ?? ''));
  if (!result.success) return {};
  const facts = Object.entries(result.data).flatMap(([name, value]): [string, string][] => {
    const fact = factValueSchema.safeParse(value);
    return fact.success && /^[a-z][a-z0-9_]{0,31}$/.test(name) ? [[name, headBytes(String(fact.data), 128)]] : [];
  });
  return Object.fromEntries(facts.filter(([, value]) => value !== '').slice(0, MAX_FACTS));
}
