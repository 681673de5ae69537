import { PROCESS_CODE, type Running, START, startDingtalk } from './start-dingtalk.ts';

const DAY = 86_400_000;
let service: Running;
let ids: string[];
beforeAll(async () => {
  service = await startDingtalk();
  ids = [];
  for (let count = 0; count < 5; count += 1) {
    ids.push(await service.createInstance({ originatorUserId: count === 4 ? 'u3' : 'u1' }));
    service.advance(60_000);
  }
  await service.decide(String(ids[0]), 'u2', 'agree');
});
afterAll(() => service.close());

const query = (fields: object) =>
  service.newApi('POST', '/v1.0/workflow/processes/instanceIds/query', {
    processCode: PROCESS_CODE,
    startTime: START - DAY,
    nextToken: 0,
    maxResults: 20,
    ...fields,
  });

test.each([
  ['everything', {}, [0, 1, 2, 3, 4]],
  ['from a time on', { startTime: START + 120_000 }, [2, 3, 4]],
  ['up to a time', { endTime: START + 60_000 }, [0, 1]],
  ['of one person', { userIds: ['u3'] }, [4]],
  ['by status', { statuses: ['COMPLETED', 'TERMINATED'] }, [0]],
  ['of an unknown template', { processCode: 'PROC-NONE' }, []],
  ['with a window of 120 days', { startTime: START - 200 * DAY, endTime: START - 80 * DAY }, []],
])('lists %s', async (_name, fields, expected) => {
  const { status, body } = await query(fields);
  expect({ status, body }).toEqual({
    status: 200,
    body: { result: { list: expected.map((index) => ids[index]) }, success: true },
  });
});

test('pages until there is no next token', async () => {
  const first = await query({ maxResults: 2 });
  expect(first.body.result).toEqual({ list: [ids[0], ids[1]], nextToken: '2' });
  const second = await query({ maxResults: 2, nextToken: '2' });
  expect(second.body.result).toEqual({ list: [ids[2], ids[3]], nextToken: '4' });
  const third = await query({ maxResults: 2, nextToken: 4 });
  expect(third.body.result).toEqual({ list: [ids[4]] });
});

test.each([
  ['no process code', { processCode: '' }, 'invalidProcessCode'],
  ['no start', { startTime: undefined }, 'invalidInstanceListIdsStartTime'],
  ['no cursor', { nextToken: undefined }, 'invalidNextToken'],
  ['a page of 21', { maxResults: 21 }, 'invalidMaxResults'],
  ['a page of 0', { maxResults: 0 }, 'invalidMaxResults'],
  ['the end before the start', { endTime: START - 2 * DAY }, 'invalidEndTime'],
  ['only a start, 121 days ago', { startTime: START - 121 * DAY }, 'invalidEndTime'],
  [
    'a start 366 days ago',
    { startTime: START - 366 * DAY, endTime: START - 300 * DAY },
    'invalidInstanceListIdsStartTime',
  ],
  ['11 people', { userIds: Array.from({ length: 11 }, () => 'u1') }, 'invalidUserIds'],
  ['an unknown status', { statuses: ['DONE'] }, 'internalError'],
])('refuses %s', async (_name, fields, code) => {
  expect(await query(fields)).toMatchObject({ status: 400, body: { code } });
});
