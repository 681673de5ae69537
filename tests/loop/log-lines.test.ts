import { embeddedVariables } from '../../local/cloud/function-variables.ts';
import { readFunctions } from '../../local/cloud/read-functions.ts';
import { ALL_EMBEDDED } from '../../local/cloud/real-platforms.ts';
import { traceparentOf } from '../../shared/runtime/trace.ts';
import { COMPLETED, form, type Loop, ROOT, startLoop } from './start-loop.ts';

jest.setTimeout(120_000);

interface Line {
  level: string;
  message: string;
  fields: Readonly<Record<string, unknown>>;
}

let loop: Loop;
/** What the built functions have printed, as JSON. */
let lines: Line[];
beforeAll(async () => {
  loop = await startLoop();
  lines = [];
  loop.cloud.activity.watch(({ level, message, fields }) => {
    // What the platform prints around an invocation is not ours.
    if (typeof fields['function'] === 'string' && !message.startsWith('FC Invoke '))
      lines.push({ level, message, fields });
  }, 0);
});
afterAll(() => loop.close());

const about = (requestId: string) => lines.filter(({ fields }) => fields['request_id'] === requestId);
const partsOf = ({ fields }: Line) => /^00-([0-9a-f]{32})-([0-9a-f]{16})-01$/.exec(String(fields['traceparent'])) ?? [];

test('ingest, dispatch and notify write one trace for a request, and a span for each invocation', async () => {
  const approval = await loop.approve(form('E761'));
  expect((await loop.closed(approval)).facts).toEqual(COMPLETED);
  const own = about(approval.requestId);
  expect([...new Set(own.map(({ fields }) => fields['function']))].sort()).toEqual(['dispatch', 'ingest', 'notify']);
  const [, traceId = ''] = /^00-([0-9a-f]+)-/.exec(traceparentOf(approval.requestId, '')) ?? [];
  expect(traceId).toHaveLength(32);
  expect([...new Set(own.map((line) => partsOf(line)[1]))]).toEqual([traceId]);
  const spans = (name: string) =>
    new Set(own.filter(({ fields }) => fields['function'] === name).map((line) => partsOf(line)[2]));
  const [ingest, dispatch, notify] = [spans('ingest'), spans('dispatch'), spans('notify')];
  expect(new Set([...ingest, ...dispatch, ...notify]).size).toBe(ingest.size + dispatch.size + notify.size);
  // One invocation says several things of a request.
  expect(dispatch.size).toBeLessThan(own.filter(({ fields }) => fields['function'] === 'dispatch').length);
});

test('every line about a request names it, and a line about none has no trace', async () => {
  const approval = await loop.approve(form('E762'));
  await loop.closed(approval);
  for (const line of lines) {
    const isAboutOne = typeof line.fields['request_id'] === 'string';
    expect([line.message, partsOf(line).length]).toEqual([line.message, isAboutOne ? 3 : 0]);
  }
  const nameless = lines.filter(({ fields }) => fields['request_id'] === undefined).map(({ message }) => message);
  // A callback that is no decision, and what a sweep does as a whole, are about no request.
  for (const message of new Set(nameless))
    expect([
      'callback answered',
      'callback rejected',
      'reconciled',
      'swept',
      'the sweep runs',
      'event ignored',
    ]).toContain(message);
});

test('no line has a value of the form, a name or a secret', async () => {
  const nasty = 'E12;🙂中文';
  for (const values of [form('E763'), form(nasty)]) await loop.closed(await loop.approve(values));
  const printed = JSON.stringify(lines);
  const { app_secret, callback_token, callback_aes_key } = loop.cloud.state.dingtalk;
  for (const text of ['E763', nasty, '张三', '李四', app_secret, callback_token, callback_aes_key])
    expect(printed).not.toContain(text);
});

test('LOG_LEVEL says what is written: with "warn" a run that goes well is not, with "debug" each sweep is', async () => {
  const { cloud } = loop;
  const redeploy = async (name: 'dispatch' | 'ingest', level: string) => {
    const all = await readFunctions(ROOT, { ...cloud.variables, LOG_LEVEL: level });
    const definition = all.find(({ functionName }) => functionName === cloud.names.function(name));
    if (!definition) throw new Error(`s.yaml has no ${name}`);
    const { event_bridge, ecs, oss, kms, dingtalk, lark } = cloud.endpoints;
    const urls = { eventBridge: `http://${event_bridge}`, ecs: `http://${ecs}`, oss, kms, dingtalk, lark };
    const own = embeddedVariables(urls, cloud.pace, ALL_EMBEDDED);
    const environmentVariables = { ...definition.environmentVariables, ...own };
    await cloud.functions.putFunction({ ...definition, environmentVariables });
  };
  await redeploy('dispatch', 'warn');
  await redeploy('ingest', 'debug');
  const approval = await loop.approve(form('E764'));
  const swept = loop.logged('swept', { function: 'ingest' });
  expect((await loop.closed(approval)).facts).toEqual(COMPLETED);
  expect(about(approval.requestId).map(({ fields }) => fields['function'])).not.toContain('dispatch');
  expect((await swept).level).toBe('debug');
});
