import { errorMessage } from '../../shared/errors.ts';
import { type Inputs, readInputs } from './inputs.ts';
import { type Invoked, invoke } from './invoke.ts';
import { openCloud } from './open-cloud.ts';
import { isFormatted, type Options, readOptions } from './options.ts';
import { readEvent } from './read-event.ts';
import { httpTriggersOf, start } from './start.ts';
import { openTerminal, type Terminal } from './terminal.ts';

/** What the tool itself ends with when a component fails. */
const COMPONENT_FAILED = 101;

/** A component of Serverless Devs: each public method is a command. It has `local` alone, so it can deploy nothing. */
export class LocalComponent {
  /** `s <function> local invoke` and `s <function> local start`. */
  async local(toolInputs: unknown): Promise<Invoked | undefined> {
    const inputs = readInputs(toolInputs);
    const terminal = openTerminal();
    try {
      const options = readOptions(inputs.args);
      return await (options.verb === 'invoke' ? runInvoke : runStart)(inputs, options, terminal);
    } catch (error) {
      // Asked for a format the tool says nothing of a failure and ends with 0.
      if (isFormatted(inputs.args)) terminal.err(`error: ${errorMessage(error)}`);
      process.exitCode = COMPONENT_FAILED;
      throw error;
    }
  }
}

async function runInvoke(inputs: Inputs, options: Options, terminal: Terminal): Promise<Invoked | undefined> {
  const event = await readEvent(options, terminal.stdin);
  const cloud = await openCloud(inputs.root, options.state, terminal.err);
  try {
    return await invoke(inputs, cloud, event, { formatted: isFormatted(inputs.args), terminal });
  } finally {
    await cloud.close();
  }
}

async function runStart(inputs: Inputs, options: Options, terminal: Terminal): Promise<undefined> {
  httpTriggersOf(inputs);
  const cloud = await openCloud(inputs.root, options.state, terminal.err);
  try {
    await start(inputs, cloud, terminal);
  } finally {
    await cloud.close();
  }
}
