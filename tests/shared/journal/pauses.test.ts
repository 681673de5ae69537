import { findPause, lastResumed, liftPause, listPauses, type Pause, putPause } from '../../../shared/journal/pauses.ts';
import { createAliOss } from '../../local/object-storage/create-ali-oss.ts';
import { ROOT, startObjectStorage } from '../../local/object-storage/start-object-storage.ts';
import { START } from '../hand-clock.ts';
import { makeTemporaryStore, type TemporaryStore } from './temporary-store.ts';

const BY_PERSON: Pause = { kind: 'person', at: START, by: '李四', reason: '机房断电 🙂' };
const BY_LIMIT: Pause = { kind: 'limit', at: START, per_hour: 20 };

let opened: TemporaryStore;
beforeEach(async () => {
  opened = await makeTemporaryStore();
});
afterEach(() => opened.remove());

test.each<[string, string | null, string, boolean]>([
  ['of a workflow holds it up', 'onboarding', 'onboarding', true],
  ['of a workflow is not the business of another', 'onboarding', 'onboarding-2', false],
  ['of all holds up each', null, 'onboarding', true],
])('a pause %s', async (_, paused, asked, holds) => {
  await putPause(opened.store, { workflow: paused, pause: BY_PERSON });
  expect(await findPause(opened.store, asked)).toEqual(holds ? BY_PERSON : undefined);
});

test('nothing is paused where nobody has said so', async () => {
  expect(await findPause(opened.store, 'onboarding')).toBeUndefined();
  expect(await listPauses(opened.store)).toEqual([]);
  expect(await lastResumed(opened.store)).toBe(0);
});

test('what stands first stands: a second pause of the same name changes nothing', async () => {
  expect(await putPause(opened.store, { workflow: 'onboarding', pause: BY_LIMIT })).toBe('created');
  expect(await putPause(opened.store, { workflow: 'onboarding', pause: BY_PERSON })).toBe('exists');
  expect(await findPause(opened.store, 'onboarding')).toEqual(BY_LIMIT);
});

test('every pause is lifted under its own name, and the time is kept', async () => {
  await putPause(opened.store, { workflow: null, pause: BY_PERSON });
  await putPause(opened.store, { workflow: 'onboarding', pause: BY_LIMIT });
  expect(await listPauses(opened.store)).toEqual([
    { workflow: null, pause: BY_PERSON },
    { workflow: 'onboarding', pause: BY_LIMIT },
  ]);
  await liftPause(opened.store, null, START + 1);
  expect(await listPauses(opened.store)).toEqual([{ workflow: 'onboarding', pause: BY_LIMIT }]);
  expect(await findPause(opened.store, 'onboarding')).toEqual(BY_LIMIT);
  await liftPause(opened.store, 'onboarding', START + 2);
  expect(await findPause(opened.store, 'onboarding')).toBeUndefined();
  expect(await lastResumed(opened.store)).toBe(START + 2);
});

test('an object that cannot be read holds runs up all the same', async () => {
  await opened.store.createIfAbsent('pauses/workflows/onboarding', Buffer.from('stop!'));
  expect(await findPause(opened.store, 'onboarding')).toEqual({
    kind: 'person',
    at: 0,
    by: '?',
    reason: 'the object of the pause cannot be read',
  });
});

test('it is the same on object storage, and nobody remembers it', async () => {
  const server = await startObjectStorage();
  await createAliOss({ ...ROOT, endpoint: server.origin, region: 'oss-cn-hangzhou' }).putBucket('work');
  const [one, two] = [server.ossStore('work'), server.ossStore('work')];
  expect(await findPause(two, 'onboarding')).toBeUndefined();
  await putPause(one, { workflow: 'onboarding', pause: BY_PERSON });
  expect(await findPause(two, 'onboarding')).toEqual(BY_PERSON);
  await liftPause(one, 'onboarding', START);
  expect([await findPause(two, 'onboarding'), await lastResumed(two)]).toEqual([undefined, START]);
  await server.stop();
});
