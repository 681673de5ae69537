import { type Inputs, readInputs } from './inputs.ts';
import { type Invoked, invoke } from './invoke.ts';
import { openCloud } from './open-cloud.ts';
import { type Options, readOptions } from './options.ts';
import { readEvent } from './read-event.ts';
import { httpTriggersOf, start } from './start.ts';
import { openTerminal, type Terminal } from './terminal.ts';

/** A component of Serverless Devs: each public method is a command. It has `local` alone, so it can deploy nothing. */
export class LocalComponent {
  /** `s <function> local invoke` and `s <function> local start`. */
  async local(toolInputs: unknown): Promise<Invoked | undefined> {
    const inputs = readInputs(toolInputs);
    const options = readOptions(inputs.args);
    const terminal = openTerminal();
    return options.verb === 'invoke' ? runInvoke(inputs, options, terminal) : runStart(inputs, options, terminal);
  }
}

async function runInvoke(inputs: Inputs, options: Options, terminal: Terminal): Promise<Invoked | undefined> {
  const event = await readEvent(options, terminal.stdin);
  const cloud = await openCloud(inputs.root, options.state, terminal.err);
  try {
    return await invoke(inputs, cloud, event, { formatted: options.formatted, terminal });
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
