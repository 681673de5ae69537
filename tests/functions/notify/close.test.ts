import { createAnnounceSteps } from '../../../functions/notify/announce.ts';
import { type OwnEvent, type ProvisionCompleted, provisionCompletedSchema } from '../../../shared/events.ts';
import { type Chain, createJournal } from '../../../shared/journal/journal.ts';
import { createLeases } from '../../../shared/journal/leases.ts';
import { createMarkers } from '../../../shared/journal/markers.ts';
import { createSlots } from '../../../shared/journal/slots.ts';
import { createUsage } from '../../../shared/journal/usage.ts';
import { createLog } from '../../../shared/log.ts';
import type { Fact, InstanceResult } from '../../../shared/request/records.ts';
import { createHandClock } from '../../shared/hand-clock.ts';
import { makeTemporaryStore, type TemporaryStore } from '../../shared/journal/temporary-store.ts';
import { FACTS, instanceResult, REQUEST_ID } from '../../shared/request/facts.ts';

let records: TemporaryStore;
let work: TemporaryStore;
beforeEach(async () => {
  records = await makeTemporaryStore();
  work = await makeTemporaryStore();
});
afterEach(() => Promise.all([records.remove(), work.remove()]));

/** Closes a request with these facts: what it says to the bus, and its chain then. */
async function close(facts: readonly Fact[]): Promise<{ event: ProvisionCompleted; before: Chain; after: Chain }> {
  const clock = createHandClock();
  const journal = createJournal({ records: records.store, by: () => 'notify/1' });
  const log = createLog({ clock, write: () => undefined });
  const published: OwnEvent[] = [];
  const steps = createAnnounceSteps({
    journal,
    leases: createLeases({ work: work.store, clock, holder: () => 'notify/1' }),
    markers: createMarkers(work.store),
    work: work.store,
    slots: createSlots({ work: work.store, clock }),
    usage: createUsage({ work: work.store, quota: {}, clock, log, writer: () => 'notify_1' }),
    messengers: [],
    cloudAssistant: { findInvocation: async () => undefined },
    environmentName: 'dev',
    workflows: { quota: {}, chats: {}, commands: {}, workflows: {} },
    publish: async (event) => void published.push(event),
    clock,
    log,
  });
  let before = await journal.read(REQUEST_ID);
  for (const fact of facts) before = (await journal.append(before, fact)).chain;
  const after = await steps.close(before);
  const [event] = published;
  if (!after || event?.type !== 'ProvisionCompleted' || published.length !== 1) throw new Error('it was not closed');
  return { event: provisionCompletedSchema.parse(event.data), before, after };
}

const ran = (instances: InstanceResult[], accepted: Fact = FACTS.accepted): Fact[] => [
  accepted,
  FACTS.planned,
  FACTS.dispatched,
  { ...FACTS.completed, status: 'Failed', instances },
  FACTS.announced,
];

const { request } = FACTS.accepted;
const known = {
  requester: { id: 'zhangsan', name: '张三' },
  approvers: [{ id: 'lisi', name: '李四', at: '2026-09-01T01:58Z' }],
  approval: request.approval,
};

test('the audit event sums up a run, and the last record is closed', async () => {
  const output = { output_tail: '出错了 🚀', output_sha256: 'a'.repeat(64) };
  const { event, before, after } = await close(ran([instanceResult({ status: 'Failed', exit_code: 1, ...output })]));
  expect(event).toEqual({
    request_id: REQUEST_ID,
    workflow: 'onboarding',
    status: 'Failed',
    ...known,
    parameters: { emp_id: 'E123', role: 'devops' },
    invoke_id: 't-1',
    instances: [{ instance_id: 'i-bp1aaaaaaaaaaaaaaaaa', status: 'Failed', exit_code: 1, ...output }],
    last_record_sha256: before.lastSha256,
  });
  expect(after.facts.at(-1)).toEqual({ type: 'closed', at: '2026-09-01T02:00:00.000Z' });
});

test('the audit event of a refusal says why, and nothing that is not known', async () => {
  const { event, before } = await close([FACTS.refused, FACTS.announced]);
  expect(event).toEqual({
    request_id: REQUEST_ID,
    workflow: 'onboarding',
    status: 'Refused',
    refusal: 'missing_field',
    approvers: [],
    parameters: {},
    instances: [],
    last_record_sha256: before.lastSha256,
  });
});

test('one instance keeps its 2 KB of output', async () => {
  const output_tail = '中'.repeat(682);
  const one = await close(ran([instanceResult({ status: 'Failed', output_tail })]));
  expect(one.event.instances[0]?.output_tail).toBe(output_tail);
});

describe('the audit event stays under 64 KB', () => {
  /** The limit less what stands around the data. */
  const LIMIT = 65_536 - 512;
  const full = (character: string, bytes: number) => character.repeat(Math.floor(bytes / Buffer.byteLength(character)));

  test.each<[string, string]>([
    ['letters', 'x'],
    ['中文', '中'],
    ['emoji', '🚀'],
    ['quotes', '"'],
    ['line feeds', '\n'],
    ['NULs', '\0'],
    ['escapes', '\u001b'],
    ['marks for bytes that are no text', '\ufffd'],
  ])('with outputs full of %s', async (_, character) => {
    for (const count of [1, 8, 100]) {
      const store = records;
      records = await makeTemporaryStore();
      await store.remove();
      const output_tail = full(character, 2048);
      const instances = Array.from({ length: count }, () => instanceResult({ status: 'Failed', output_tail }));
      const { event } = await close(ran(instances));
      expect(Buffer.byteLength(JSON.stringify(event))).toBeLessThanOrEqual(LIMIT);
      for (const instance of event.instances) {
        expect(instance.output_tail.length).toBeGreaterThan(0);
        expect(output_tail.endsWith(instance.output_tail)).toBe(true);
      }
    }
  });

  test('with ten parameters of 4 KB and outputs of a hundred instances', async () => {
    const names = [...Array(10).keys()].map((index) => `p${index}`);
    const parameters = Object.fromEntries(names.map((name) => [name, full('"', 4096)]));
    const accepted = { ...FACTS.accepted, request: { ...request, parameters } };
    const output_tail = full('\n', 2048);
    const instances = Array.from({ length: 100 }, () => instanceResult({ status: 'Failed', output_tail }));
    const { event } = await close(ran(instances, accepted));
    expect(Buffer.byteLength(JSON.stringify(event))).toBeLessThanOrEqual(LIMIT);
    expect(event.parameters['p9']).toBe(full('"', 511));
  });
});
