import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { REQUEST_TAG } from '../../shared/request/tags.ts';
import { type OpsCloud, openOpsCloud } from '../cli/ops-cloud.ts';
import { acceptWithoutEvent } from '../cli/replay/accept-without-event.ts';
import { blocksOf, readPage } from './read-docs.ts';

jest.setTimeout(120_000);

/** The events of the page, in their order, with the ids of a real request in them. */
const events = blocksOf(readPage('docs/replay.md'))
  .filter(({ language }) => language === 'json')
  .map(({ text }) => text);
const [timer = '', callback = '', provisionRequest = '', provisionStarted = '', taskCompleted = ''] = events;
const REQUEST_OF_PAGE = 'dingtalk.A1b2C3';
const RUN_OF_PAGE = 't-hz01234567';

let ops: OpsCloud;
/** A request that has ended. */
let ended: string;
beforeAll(async () => {
  ops = await openOpsCloud();
  ended = (await ops.approve('emp_id=E901', 'role=devops')).request_id;
});
afterAll(() => ops.close());

const outcomeSchema = z.object({ status: z.string(), result: z.string(), log_tail: z.string() });

let sends = 0;

/** The function is given the bytes of the page, as the console would give them. */
async function send(functionName: string, event: string) {
  const path = join(ops.folder, `event-${++sends}.json`);
  await writeFile(path, event);
  const { stdout } = await ops.loop('replay', '--function', functionName, '--event', path, '--json');
  return outcomeSchema.parse(JSON.parse(stdout));
}

/** What there is of a request: its facts, its runs, and the messages that name it. */
async function tracesOf(requestId: string) {
  const [{ facts }, runs] = await Promise.all([
    ops.journal.read(requestId),
    ops.cloudAssistant.findInvocationsByTag(REQUEST_TAG, requestId),
  ]);
  const messages = ops.local.cloud.dingtalk.messages().filter(({ text }) => text.includes(requestId));
  return {
    facts: facts.map(({ type }) => type),
    runs: runs.map(({ invokeId }) => invokeId),
    messages: messages.length,
  };
}

test('the page has one event for a sweep, a callback, and three that name a request or a run', () => {
  expect(events.map((event) => Object.keys(JSON.parse(event))[0])).toEqual([
    'triggerTime',
    'version',
    'type',
    'type',
    'type',
  ]);
  expect([provisionRequest, provisionStarted].every((event) => event.includes(`"${REQUEST_OF_PAGE}"`))).toBe(true);
  expect(taskCompleted).toContain(`"${RUN_OF_PAGE}"`);
});

test('dispatch plans and runs the request that the event names, and notify ends it', async () => {
  const requestId = await acceptWithoutEvent(ops, ended, 'page-1');
  const outcome = await send('dispatch', provisionRequest.replace(REQUEST_OF_PAGE, requestId));
  expect(outcome).toMatchObject({ status: 'done', result: 'undefined' });
  expect(outcome.log_tail).toContain('"message":"planned"');
  await ops.logged('closed', { request_id: requestId });
  const { facts, runs, messages } = await tracesOf(requestId);
  expect([facts, runs.length, messages]).toEqual([
    ['accepted', 'planned', 'dispatched', 'completed', 'announced', 'closed'],
    1,
    1,
  ]);
});

test.each(['ProvisionStarted', 'ProvisionRefused'])(
  'dispatch takes a %s as well, since it only names a request',
  async (type) => {
    const event = provisionRequest.replace('ProvisionRequest', type).replace(REQUEST_OF_PAGE, 'dingtalk.nobody');
    expect((await send('dispatch', event)).log_tail).toContain('event for a request that was never accepted');
  },
);

describe('for a request that has ended', () => {
  const ofTheRequest = (event: string) => event.replace(REQUEST_OF_PAGE, ended);

  test('every event of the page, one after the other and all at once, changes nothing', async () => {
    const before = await tracesOf(ended);
    const ofTheRun = taskCompleted.replace(RUN_OF_PAGE, before.runs[0] ?? '');
    const sent: [string, string][] = [
      ['dispatch', ofTheRequest(provisionRequest)],
      ['notify', ofTheRequest(provisionStarted)],
      ['notify', ofTheRun],
      ...['ingest', 'dispatch', 'notify'].map((name): [string, string] => [name, timer]),
    ];
    for (const [name, event] of sent) expect((await send(name, event)).status).toBe('done');
    const together = await Promise.all(sent.map(([name, event]) => send(name, event)));
    expect(together.map(({ status }) => status)).toEqual(sent.map(() => 'done'));
    expect(await tracesOf(ended)).toEqual(before);
    expect(before).toMatchObject({ runs: [expect.stringMatching(/^t-/)], messages: 1 });
  });
});

test('for a request that was never accepted nothing runs, and an alarm is logged', async () => {
  const { log_tail } = await send('dispatch', provisionRequest);
  expect(log_tail).toMatch(
    /"level":"error","message":"event for a request that was never accepted".*"alarm":"request_unknown"/,
  );
  expect(await tracesOf(REQUEST_OF_PAGE)).toEqual({ facts: [], runs: [], messages: 0 });
});

test('a run that nobody knows is no business of notify', async () => {
  expect(await send('notify', taskCompleted)).toMatchObject({ status: 'done' });
});

test('a callback that nobody has signed is refused by ingest, which shows that it starts', async () => {
  const { status, result, log_tail } = await send('ingest', callback);
  expect([status, JSON.parse(result)]).toEqual(['done', expect.objectContaining({ statusCode: 403 })]);
  expect(log_tail).toContain('"message":"callback rejected"');
});

test.each(['dispatch', 'notify'])('%s ignores an event of another form, and says so', async (name) => {
  const event = JSON.stringify({ 'detail-type': 'ProvisionRequest', detail: { emp_id: 'E123', note: '你好🎉' } });
  expect((await send(name, event)).log_tail).toContain('"message":"event ignored"');
});
