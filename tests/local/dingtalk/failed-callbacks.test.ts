import { START, startDingtalk } from './start-dingtalk.ts';
import { type Reply, type Subscribed, startSubscribed, until } from './subscribe-receiver.ts';

let running: Subscribed;
beforeEach(async () => {
  running = await startSubscribed();
});
afterEach(() => running.close());

const bad: Reply = () => ({ status: 500 });
const fetchFailed = async ({ service } = running) => {
  const path = `/call_back/get_call_back_failed_result?access_token=${await service.token()}`;
  return (await service.call('GET', path)).body;
};

test('an event is sent again after 10 s and after 30 s more, then no longer', async () => {
  running.receiver.replies = [bad, bad, bad];
  await running.service.createInstance();
  await until(() => running.logged('callback failed')[2]);
  const times = running.logged('callback sent').map(({ time, fields }) => [fields.attempt, Date.parse(time) - START]);
  expect(times).toEqual([
    [1, 0],
    [2, 10_000],
    [3, 40_000],
  ]);
  expect(running.logged('callback sent')[0]?.fields).toMatchObject({
    instance_id: expect.any(String),
    event: 'bpms_instance_change',
    type: 'start',
  });
});

test('what failed can be fetched 3 minutes later, and is deleted by the next call', async () => {
  running.receiver.replies = [bad, bad, bad];
  const id = await running.service.createInstance();
  await until(() => running.logged('callback failed')[2]);
  running.service.advance(179_999);
  expect(await fetchFailed()).toMatchObject({ errcode: 0, errmsg: 'ok', failed_list: [], has_more: false });
  running.service.advance(1);
  expect(await fetchFailed()).toMatchObject({
    has_more: false,
    failed_list: [
      {
        call_back_tag: 'bpms_instance_change',
        event_time: START,
        bpms_instance_change: {
          corpid: 'dingcorp',
          bpmsCallBackData: { processInstanceId: id, type: 'start', staffId: 'u1', title: '张三提交的入职' },
        },
      },
    ],
  });
  expect(await fetchFailed()).toMatchObject({ failed_list: [] });
});

test('a list holds 200 events and says that there are more', async () => {
  const { service, receiver } = running;
  receiver.replies = Array.from({ length: 603 }, () => bad);
  for (let count = 0; count < 201; count += 1) await service.createInstance();
  await until(() => running.logged('callback failed')[602]);
  service.advance(600_000);
  const { failed_list: first, has_more: more } = await fetchFailed();
  expect([(first as object[]).length, more]).toEqual([200, true]);
  const { failed_list: second, has_more: end } = await fetchFailed();
  expect([(second as object[]).length, end]).toEqual([1, false]);
});

test('an event on its way when the service stops counts as failed at the next start', async () => {
  running.receiver.replies = [() => new Promise(() => {})];
  const id = await running.service.createInstance();
  await running.receiver.received(1);
  await running.service.dingtalk.close();
  const service = await startDingtalk({ directory: running.service.directory });
  service.advance(180_000);
  expect(await fetchFailed({ ...running, service })).toMatchObject({
    failed_list: [{ bpms_instance_change: { bpmsCallBackData: { processInstanceId: id } } }],
  });
  await service.close();
});
