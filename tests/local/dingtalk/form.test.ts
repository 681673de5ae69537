import { instanceBody, ORGANISATION, type Running, startDingtalk } from './start-dingtalk.ts';

const columns = [
  { id: 'TextField-C', name: '主机', componentType: 'TextField' as const },
  { id: 'DDSelectField-C', name: '规格', componentType: 'DDSelectField' as const, options: ['小', '大'] },
];
const components = [
  { id: 'text', name: '单行', componentType: 'TextField' as const },
  { id: 'number', name: '数字', componentType: 'NumberField' as const },
  { id: 'select', name: '单选', componentType: 'DDSelectField' as const, options: ['dev', 'prod 🙂'] },
  { id: 'multi', name: '多选', componentType: 'DDMultiSelectField' as const, options: ['a', 'b'] },
  { id: 'date', name: '日期', componentType: 'DDDateField' as const },
  { id: 'range', name: '["开始时间","结束时间"]', componentType: 'DDDateRangeField' as const },
  { id: 'contact', name: '联系人', componentType: 'InnerContactField' as const },
  { id: 'dept', name: '部门', componentType: 'DepartmentField' as const },
  { id: 'table', name: '明细', componentType: 'TableField' as const, children: columns },
  { id: 'file', name: '附件', componentType: 'DDAttachment' as const },
  { id: 'photo', name: '图片', componentType: 'DDPhotoField' as const },
  { id: 'related', name: '关联', componentType: 'RelateField' as const },
  { id: 'address', name: '省市区', componentType: 'AddressField' as const },
  { id: 'note', name: '说明', componentType: 'TextNote' as const },
];

let service: Running;
beforeAll(async () => {
  const template = { processCode: 'PROC-ALL', name: '全部', components, approvers: ['u2'] };
  service = await startDingtalk({ organisation: { ...ORGANISATION, templates: [template] } });
});
afterAll(() => service.close());

const create = (values: object[]) => {
  const body = instanceBody({ processCode: 'PROC-ALL', formComponentValues: values });
  return service.newApi('POST', '/v1.0/workflow/processInstances', body);
};

const CHILD_SCHEMAS =
  '[{"componentName":"TextField","props":{"id":"TextField-C","label":"主机","bizAlias":"","required":false}},' +
  '{"componentName":"DDSelectField","props":{"id":"DDSelectField-C","label":"规格","bizAlias":"","required":false}}]';
const TABLE_EXT = '{"statValue":[],"componentName":"TableField"}';
const ATTACHMENT = '[{"spaceId":"1","fileId":"2","fileName":"简历.pdf","fileSize":3,"fileType":"pdf"}]';

test.each([
  ['text', '入职 🙂', '入职 🙂', undefined],
  ['text', '', 'null', undefined],
  ['number', '-5.5', '-5.5', undefined],
  ['select', 'prod 🙂', 'prod 🙂', '{"label":"prod 🙂","key":"option_1"}'],
  ['multi', '["b","a"]', '["b","a"]', '[{"label":"b","key":"option_1"},{"label":"a","key":"option_0"}]'],
  ['date', '2026-01-02', '2026-01-02', undefined],
  ['date', '2026-01-02 10:30', '2026-01-02 10:30', undefined],
  ['range', '["2026-01-01","2026-01-02"]', '["2026-01-01","2026-01-02"]', undefined],
  [
    'contact',
    '["u2","u3"]',
    '李四,Ana 🙂',
    '[{"emplId":"u2","name":"李四","avatar":""},{"emplId":"u3","name":"Ana 🙂","avatar":""}]',
  ],
  ['dept', '7', '运维部', '{"itemId":"7","deptName":"运维部","name":"运维部"}'],
  ['dept', '7,1', '运维部,dingcorp', expect.stringMatching(/^\[{"itemId":"7".*},{"itemId":"1".*}\]$/)],
  [
    'table',
    '[[{"name":"主机","value":"web-1"},{"name":"规格","value":"大"}]]',
    '[{"rowValue":[{"componentType":"TextField","label":"主机","key":"TextField-C","value":"web-1"},' +
      '{"componentType":"DDSelectField","label":"规格","key":"DDSelectField-C","value":"大",' +
      '"extendValue":{"label":"大","key":"option_1"}}],"rowNumber":"table_0"}]',
    TABLE_EXT,
  ],
  ['table', '[]', CHILD_SCHEMAS, TABLE_EXT],
  ['file', ATTACHMENT, ATTACHMENT, undefined],
  ['photo', '["https://x.example/a.png"]', '["https://x.example/a.png"]', undefined],
  ['address', '北京,北京市,河东区', '北京,北京市,河东区', undefined],
])('the component %s written as %s reads as documented', async (id, written, value, extValue) => {
  const { body } = await create([{ id, value: written }]);
  const { formComponentValues } = await service.detail(String(body.instanceId));
  const read = (formComponentValues as { id: string }[]).find((component) => component.id === id);
  expect(read).toMatchObject({ id, value });
  expect(read).toHaveProperty('bizAlias', '');
  expect((read as { extValue?: string }).extValue).toEqual(extValue);
});

test.each([
  ['number', 'ten'],
  ['select', 'test'],
  ['multi', 'a'],
  ['multi', '["a","c"]'],
  ['multi', '[]'],
  ['date', '2026/01/02'],
  ['range', '["2026-01-01"]'],
  ['range', '2026-01-01'],
  ['contact', '["u2","nobody"]'],
  ['contact', 'u2'],
  ['dept', '8'],
  ['table', '[[{"name":"别的","value":"x"}]]'],
  ['table', '[[{"name":"规格","value":"中"}]]'],
  ['table', '{}'],
  ['file', '[{"fileId":"2"}]'],
  ['photo', 'https://x.example/a.png'],
  ['related', '["no-such-instance"]'],
  ['address', '北京'],
])('the component %s refuses %s', async (id, value) => {
  expect(await create([{ id, value }])).toMatchObject({ status: 400, body: { code: 'formConverterError' } });
});

test('a date range may be named by its first label, and an instance may name an older one', async () => {
  const first = await create([{ name: '开始时间', value: '["2026-01-01","2026-01-02"]' }]);
  expect(first.status).toBe(200);
  const related = `["${String(first.body.instanceId)}"]`;
  const second = await create([{ name: '关联', value: related }]);
  expect(second.status).toBe(200);
});
