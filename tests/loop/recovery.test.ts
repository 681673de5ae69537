import { COMPLETED, form, type Loop, startLoop, type Traces } from './start-loop.ts';

jest.setTimeout(120_000);

/** An hour of the cloud is three seconds. */
let loop: Loop;
beforeAll(async () => {
  loop = await startLoop({ speed: 1200 });
  await loop.logged('reconciled', { platform: 'dingtalk' });
});
afterEach(() => {
  loop.cloud.faults.clear();
  loop.cloud.faults.use(undefined);
});
afterAll(() => loop.close());

/** At that speed a run is late and is confirmed first, and its completion may be found before its dispatch is on record. */
function expectCompleted({ facts }: Traces): void {
  const isCertain = (fact: string) => fact !== 'confirmed' && fact !== 'dispatched';
  expect(facts.filter(isCertain)).toEqual(COMPLETED.filter(isCertain));
}

test('an approval whose callbacks are all lost is found in the list of decided ones', async () => {
  const approval = await loop.submit(form('E800'));
  loop.cloud.faults.add({ service: 'dingtalk', operation: 'push', times: 10, fault: { kind: 'drop' } });
  await approval.decide();
  await loop.logged('recovered an approval whose callback never came', { request_id: approval.requestId });
  expectCompleted(await loop.closed(approval));
});

test('an approval whose callbacks all fail is taken from the list of what could not be delivered', async () => {
  const approval = await loop.submit(form('E801'));
  let refusals = 0;
  loop.cloud.faults.use({
    async onCall({ service, operation, request }) {
      const isMarker = decodeURIComponent(request.rawPath).endsWith(`open/${approval.requestId}`);
      if (service !== 'oss' || operation !== 'PutObject' || !isMarker || refusals === 3) return undefined;
      refusals += 1;
      return { kind: 'error', status: 503, code: 'ServiceUnavailable' };
    },
    onDeed: () => undefined,
  });
  await approval.decide();
  await loop.logged('recovered an approval whose callback never came', { request_id: approval.requestId });
  expectCompleted(await loop.closed(approval));
});

test('one that was turned down is looked at once and runs nothing', async () => {
  const approval = await loop.submit(form('E802'));
  const later = await loop.submit(form('E803'));
  loop.cloud.faults.add({ service: 'dingtalk', operation: 'push', times: 20, fault: { kind: 'drop' } });
  await approval.decide('lisi', 'refuse');
  await later.decide();
  // The same list names both.
  await loop.logged('recovered an approval whose callback never came', { request_id: later.requestId });
  await loop.closed(later);
  const nothing = { facts: [], refusal: undefined, runs: [], messages: [], shown: [], left: [] };
  expect(await loop.traces(approval.requestId)).toEqual(nothing);
});
