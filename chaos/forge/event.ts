import { randomBytes } from 'node:crypto';
import type { Cloud } from '../../local/cloud/cloud.ts';
import { type CloudEventInput, createEventPublisher } from '../../shared/alicloud/put-events.ts';
import { createSystemClock } from '../../shared/clock.ts';
import type { Draws } from '../draws.ts';
import { peopleHttp } from '../people-http.ts';

/** An employee that no order is about: an account of this number has been made for a forgery. */
const STRANGER = 'E66666666';

/** Publishes an event as one of the functions would, but for what it says. */
export async function forgeEvent(requestId: string, draws: Draws, { endpoints, state, names }: Cloud): Promise<void> {
  const publisher = createEventPublisher({
    endpoint: `http://${endpoints.event_bridge}`,
    credentials: () => ({ accessKeyId: state.access_key_id, accessKeySecret: state.access_key_secret }),
    http: peopleHttp,
    clock: createSystemClock(),
    nonce: () => randomBytes(16).toString('hex'),
  });
  await publisher.putEvents(names.bus, [eventOf(requestId, draws)]);
}

function eventOf(requestId: string, draws: Draws): CloudEventInput {
  const about = { id: randomBytes(8).toString('hex'), subject: requestId, time: new Date().toISOString() };
  const data = { request_id: requestId };
  const kind = draws.pick('forge/event', ['ProvisionRequest', 'ProvisionStarted', 'ProvisionRefused']);
  switch (kind) {
    case 'ProvisionStarted': {
      const run = { invoke_id: 't-forged', command: 'approval-loop-dev-onboarding', instances: ['i-forged'] };
      return { ...about, source: 'approval-loop.dispatch', type: kind, data: { ...data, ...run } };
    }
    case 'ProvisionRefused':
      return { ...about, source: 'approval-loop.ingest', type: kind, data: { ...data, code: 'not_approved' } };
    default: {
      const what = { workflow: 'onboarding', action: 'provision', parameters: { emp_id: STRANGER, role: 'devops' } };
      return {
        ...about,
        source: `${requestId.split('.')[0]}.approval`,
        type: 'ProvisionRequest',
        data: { ...data, ...what },
      };
    }
  }
}
