import type { CompletedInvocation } from '../../local/function-compute/invoke-result.ts';
import { parseJson } from '../../shared/json.ts';
import { Unsuccessful } from '../io.ts';
import { deployFunction } from './deploy-function.ts';
import type { Inputs } from './inputs.ts';
import type { OpenCloud } from './open-cloud.ts';
import type { Terminal } from './terminal.ts';

/** What the tool prints in the format that it is asked for. */
export interface Invoked {
  requestId: string;
  /** Parsed, if it is JSON. */
  result: unknown;
  durationMs: number;
  memorySizeMb: number;
  maxMemoryUsedMb: number;
}

/**
 * Runs the function once and prints its lines and its result as the stock component does. `formatted`: the lines go to
 * stderr and the result to the tool. Throws if the function fails, which makes the tool's exit code 101.
 */
export async function invoke(
  inputs: Inputs,
  cloud: OpenCloud,
  event: Buffer,
  { formatted, terminal }: { formatted: boolean; terminal: Terminal },
): Promise<Invoked | undefined> {
  const { functionName, memorySize } = inputs.props;
  const print = formatted ? terminal.err : terminal.out;
  const functions = await deployFunction(inputs, cloud, { triggers: [], onLine: print });
  const stop = () => void functions.killInstances(functionName);
  terminal.signal.addEventListener('abort', stop);
  try {
    terminal.signal.throwIfAborted();
    const result = await functions.invoke(functionName, event, { type: 'Sync' });
    terminal.signal.throwIfAborted();
    if (result.kind !== 'completed') throw new Unsuccessful(`${inputs.name} did not run: ${JSON.stringify(result)}`);
    if (!formatted || result.functionError) printResult(result, memorySize, print);
    if (result.functionError) throw new Unsuccessful(`the function ${inputs.name} failed; its error is printed above`);
    return formatted ? toInvoked(result, memorySize) : undefined;
  } finally {
    terminal.signal.removeEventListener('abort', stop);
    await functions.close();
  }
}

/** The last line is the stock component's. */
function printResult(result: CompletedInvocation, memorySize: number, print: (line: string) => void): void {
  const { payload, requestId, durationMs, maxMemoryMb } = result;
  print(`\n${payload.toString()}`);
  const used = `Memory Size: ${memorySize} MB    Max Memory Used: ${maxMemoryMb} MB`;
  print(`RequestId: ${requestId}   Billed Duration: ${durationMs} ms    ${used}\n`);
}

function toInvoked(answer: CompletedInvocation, memorySizeMb: number): Invoked {
  const { requestId, payload, durationMs, maxMemoryMb } = answer;
  const result = parseJson(payload) ?? payload.toString();
  return { requestId, result, durationMs, memorySizeMb, maxMemoryUsedMb: maxMemoryMb };
}
