import { endOf } from '../../shared/request/end-of.ts';
import { followRequest } from '../approval/follow-request.ts';
import { formatMessage, formatStep } from '../approval/print-steps.ts';
import { collectOutcome } from '../approval/run-approval.ts';
import { type Io, paint } from '../io.ts';
import type { Access } from './access.ts';
import { workflowOf } from './summary.ts';
import { printJson, toSafeJson } from './terminal.ts';

export interface FollowOptions {
  wait: boolean;
  json?: true;
}

/**
 * Begins something with a request and, unless nobody waits, follows it to its end: step by step for people, one object
 * at the end for machines. Returns how it ended, null where that was not seen, or undefined when it was not waited for.
 */
export async function followToEnd(
  access: Access,
  requestId: string,
  begin: () => Promise<void>,
  options: FollowOptions,
  io: Io,
): Promise<{ end: string | null } | undefined> {
  const say = options.json ? () => {} : (line: string) => io.out(line);
  if (!options.wait) {
    await begin();
    if (options.json) printJson(io, { request_id: requestId });
    else io.out(`"requests show ${requestId}" tells how it goes on`);
    return undefined;
  }
  const startedAt = Date.now();
  const events = {
    onStep: (step: Parameters<typeof formatStep>[0]) => say(formatStep(step, io)),
    onTrouble: ({ message, fields }: { message: string; fields: object }) =>
      io.err(`${paint(io).yellow(message)} ${toSafeJson(fields)}`),
  };
  const steps = await followRequest(access.cloud, requestId, begin, events, io.signal);
  const { facts } = await access.journal.read(requestId);
  const workflow = workflowOf(facts) ?? '';
  const { outcome } = await collectOutcome(access.cloud, workflow, requestId, steps, Date.now() - startedAt);
  if (options.json) printJson(io, outcome);
  else say(outcome.message ? `\n${formatMessage(outcome.message, io)}` : '\nNo final message has been seen.');
  return { end: endOf(facts) ?? null };
}
