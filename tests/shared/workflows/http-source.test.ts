import { loadWorkflows } from '../../../shared/workflows/load-workflows.ts';
import { SAMPLE } from './sample.ts';

const load = (http_source: unknown) => loadWorkflows({ ...SAMPLE, http_source }).http_source;
const ID = { instance_id: 'body.processInstanceId' };

test('without the key the way is closed', () => {
  expect(loadWorkflows(SAMPLE).http_source).toBeUndefined();
});

test.each([
  ['a place alone', { dingtalk: ID }, { daily_lookups: 200, dingtalk: ID }],
  [
    'everything',
    {
      daily_lookups: 1000,
      dingtalk: { bus: 'company', source: 'my.flow', instance_id: 'queryString.id', code: 'body.模板.编码' },
    },
    {
      daily_lookups: 1000,
      dingtalk: { bus: 'company', source: 'my.flow', instance_id: 'queryString.id', code: 'body.模板.编码' },
    },
  ],
])('%s is enough', (_, given, expected) => {
  expect(load(given)).toEqual(expected);
});

test.each<[string, unknown, string]>([
  ['no platform', {}, 'http_source: needs dingtalk or lark'],
  ['a key that is not known', { dingtalk: { ...ID, token: 'x' } }, 'http_source.dingtalk'],
  ['no place of the id', { dingtalk: {} }, 'http_source.dingtalk.instance_id'],
  ['a place outside what was posted', { dingtalk: { instance_id: 'headers.id' } }, 'body or queryString'],
  ['a place that is a JSONPath', { dingtalk: { instance_id: '$.data.body.id' } }, 'body or queryString'],
  ['a place with a blank', { dingtalk: { instance_id: 'body.审批 编号' } }, 'body or queryString'],
  ['the whole body', { dingtalk: { instance_id: 'body' } }, 'body or queryString'],
  ['a bus without a source', { dingtalk: { ...ID, bus: 'company' } }, 'bus and source go together'],
  ['a source without a bus', { dingtalk: { ...ID, source: 'my.flow' } }, 'bus and source go together'],
  ['a bus that is no name', { dingtalk: { ...ID, bus: '公司 🚀', source: 'x' } }, 'a bus is 2 to 127'],
  ['no look-ups', { daily_lookups: 0, dingtalk: ID }, 'http_source.daily_lookups'],
  ['more look-ups than are listed at once', { daily_lookups: 1001, dingtalk: ID }, 'http_source.daily_lookups'],
  ['a platform on which nothing starts', { lark: ID }, 'http_source.lark: no workflow starts there'],
])('%s is refused', (_, given, message) => {
  expect(() => load(given)).toThrow(message);
});
