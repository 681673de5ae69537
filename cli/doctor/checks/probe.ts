import { randomBytes } from 'node:crypto';
import { createEventPublisher } from '../../../shared/alicloud/put-events.ts';
import { PROBE } from '../../../shared/events.ts';
import { callHttp } from '../../../shared/http/call.ts';
import { takeAnswer } from '../../../shared/journal/signs-of-life.ts';
import type { Check } from '../check.ts';
import { error } from '../finding.ts';
import type { Admitted } from '../patient.ts';

/** A cold start takes a second, a busy bus some more. */
const WAIT_MS = 15_000;
const POLL_MS = 100;

/** Both rules of the environment's bus lead there. */
const REACHED = [
  { name: 'dispatch', rule: 'request' },
  { name: 'notify', rule: 'progress' },
] as const;

/**
 * An event through the real rules: whether the target's address is right, which no document says for certain, and
 * whether the function may write to its bucket shows only this way.
 */
export const probe: Check = {
  name: 'probe',
  fine: 'an event on the bus reaches dispatch and notify, and they answer',
  needs: ['event-bridge', 'oss', 'fc'],
  async look(patient) {
    const probeId = randomBytes(16).toString('hex');
    await publish(patient, probeId);
    const silent = await waitForAnswers(patient, probeId);
    return silent.map(({ name, rule }) =>
      error(
        `probe to ${name}`,
        `no answer within ${WAIT_MS / 1000} s; its requests wait for the sweep of each minute`,
        `see whether the rule ${patient.names.rule(rule)} and its target are as they should be (above), what the log of ${name} says, and whether its role may write to ${patient.names.workBucket}`,
      ),
    );
  },
};

async function publish({ target, names, origins, clock }: Admitted, probeId: string): Promise<void> {
  const publisher = createEventPublisher({
    endpoint: origins['event-bridge'],
    credentials: () => target.credentials,
    http: callHttp,
    clock,
    nonce: () => randomBytes(16).toString('hex'),
  });
  const time = new Date(clock.now()).toISOString();
  await publisher.putEvents(names.bus, [{ ...PROBE, id: probeId, time, data: { probe_id: probeId } }]);
}

async function waitForAnswers({ work, clock, functions }: Admitted, probeId: string) {
  // One that is not deployed is named already.
  let silent = REACHED.filter(({ name }) => functions.has(name));
  const until = clock.now() + WAIT_MS;
  while (silent.length > 0 && clock.now() < until) {
    await clock.sleep(POLL_MS);
    const answered = await Promise.all(silent.map(({ name }) => takeAnswer(work, probeId, name)));
    silent = silent.filter((_, index) => !answered[index]);
  }
  return silent;
}
