import type { LarkOrganisation } from '../../../local/lark/organisation.ts';
import { APPROVAL_CODE, instanceBody, organisationWith, type Running, startLark } from './start-lark.ts';

type Widgets = LarkOrganisation['definitions'][number]['widgets'];

const options = [
  { key: 'k-1', text: 'dev' },
  { key: 'k-2', text: 'prod 🙂' },
];
const children: Widgets = [
  { id: 'host', custom_id: 'host_name', name: '主机', type: 'input' },
  { id: 'size', name: '规格', type: 'radioV2', options },
];
const plain = [
  'input',
  'textarea',
  'number',
  'amount',
  'formula',
  'date',
  'dateInterval',
  'contact',
  'department',
  'image',
  'imageV2',
  'attachment',
  'attachmentV2',
  'connect',
  'document',
  'address',
  'telephone',
  'leaveGroup',
  'leaveGroupV2',
  'workGroup',
  'outGroup',
  'remedyGroup',
  'shiftGroup',
  'tripGroup',
] as const;
const widgets: Widgets = [
  ...plain.map((type) => ({ id: type, name: `名 ${type}`, type })),
  ...(['radio', 'radioV2', 'checkbox', 'checkboxV2'] as const).map((type) => ({ id: type, name: type, type, options })),
  { id: 'outer', name: '外部', type: 'radioV2', external: true },
  { id: 'outers', name: '外部', type: 'checkboxV2', external: true },
  { id: 'table', name: '明细', type: 'fieldList', children },
];

let service: Running;
beforeAll(async () => {
  const districts = [{ id: '290557', path: 'China/Beijing/Beijing' }];
  service = await startLark({ organisation: { ...organisationWith({ widgets }), districts } });
});
afterAll(() => service.close());

const typeOf = (id: string) => widgets.find((widget) => widget.id === id)?.type;
/** By a person in the app: the API takes a hundred instances a minute. */
const readBack = async (id: string, written: object) => {
  const form = [{ id, type: typeOf(id), ...written }];
  const detail = await service.detail(service.lark.submit({ approvalCode: APPROVAL_CODE, userId: 'u1', form }));
  return JSON.parse(String(detail.form))[0];
};

const TIME = '2026-01-02T08:00:00+08:00';
const PERIOD = { name: '年假', start: TIME, end: TIME, interval: 2 };
const TRIP = {
  schedule: [
    {
      start: TIME,
      end: TIME,
      interval: 1.5,
      departure: 'China/Beijing/Beijing',
      destination: 'China/Shanghai/Shanghai',
      transport: 'Train',
      oneRound: 'One Way',
      remark: '',
    },
  ],
  interval: 1.5,
  reason: '出差',
  peer: ['u3'],
};
const FILE = 'https://files.example/D9%20%E6%96%87?x-expires=1767366245&x-signature=1';

test.each([
  ['input', { value: '入职 🙂' }, { value: '入职 🙂' }],
  ['textarea', { value: '' }, { value: '' }],
  ['number', { value: 1234.56 }, { value: 1234.56 }],
  ['number', { value: '4' }, { value: 4 }],
  ['amount', { value: 12.5, currency: 'USD' }, { value: 12.5, currency: 'USD' }],
  ['formula', { value: -1 }, { value: -1 }],
  ['date', { value: TIME }, { value: TIME }],
  [
    'dateInterval',
    { value: { start: TIME, end: TIME, interval: 1.0 } },
    { value: { start: TIME, end: TIME, interval: 1 } },
  ],
  ['radio', { value: 'k-1' }, { value: 'dev', option: { key: 'k-1', text: 'dev' } }],
  ['radioV2', { value: 'k-2' }, { value: 'prod 🙂', option: { key: 'k-2', text: 'prod 🙂' } }],
  ['checkbox', { value: ['k-2'] }, { value: ['prod 🙂'] }],
  ['checkboxV2', { value: ['k-2', 'k-1'] }, { value: ['prod 🙂', 'dev'] }],
  ['outer', { value: 'their-id' }, { value: 'their-id' }],
  ['outers', { value: ['a', 'b'] }, { value: ['a', 'b'] }],
  ['contact', { value: ['u2'] }, { value: ['u2'], open_ids: ['ou_2'] }],
  ['contact', { value: ['u2'], open_ids: ['ou_3', 'ou_2'] }, { value: ['u2', 'u3'], open_ids: ['ou_2', 'ou_3'] }],
  ['department', { value: [{ open_id: 'od-7' }] }, { value: [{ open_id: 'od-7' }] }],
  ['image', { value: ['D9 文'] }, { value: [FILE], ext: 'D9 文' }],
  ['imageV2', { value: ['D9 文'] }, { value: [FILE], ext: 'D9 文' }],
  ['attachment', { value: ['D9 文'] }, { value: [FILE], ext: 'D9 文' }],
  ['attachmentV2', { value: ['D9 文', 'D9 文'] }, { value: [FILE, FILE], ext: 'D9 文,D9 文' }],
  [
    'document',
    { value: { token: 'TLLK', type: 'docx' } },
    { value: { token: 'TLLK', type: 'docx', title: 'TLLK', url: 'https://docs.example/docx/TLLK' } },
  ],
  ['address', { value: [{ id: '290557' }] }, { value: 'China/Beijing/Beijing' }],
  ['address', { value: [{ id: '290557', detailAddress: '长安街 1' }] }, { value: 'China/Beijing/Beijing/长安街 1' }],
  [
    'telephone',
    { value: { countryCode: '+86', nationalNumber: '13122222222' } },
    { value: { country_code: '+86', national_number: '13122222222' } },
  ],
  [
    'table',
    {
      value: [
        [
          { id: 'host_name', type: 'input', value: 'web-1' },
          { id: 'size', type: 'radioV2', value: 'k-1' },
        ],
      ],
    },
    {
      value: [
        [
          { id: 'host', custom_id: 'host_name', name: '主机', type: 'input', value: 'web-1' },
          { id: 'size', name: '规格', type: 'radioV2', value: 'dev', option: { key: 'k-1', text: 'dev' } },
        ],
      ],
    },
  ],
  ['leaveGroup', { value: PERIOD }, { value: PERIOD }],
  [
    'leaveGroupV2',
    { value: { ...PERIOD, unit: 'DAY', reason: '' } },
    { type: 'widgetLeaveGroupV2', value: { ...PERIOD, unit: 'DAY', reason: '' } },
  ],
  ['workGroup', { value: { ...PERIOD, reason: 'x' } }, { value: { ...PERIOD, reason: 'x' } }],
  ['outGroup', { value: { reason: 'x' } }, { value: { reason: 'x' } }],
  ['remedyGroup', { value: { time: TIME, reason: 'x' } }, { value: { time: TIME, reason: 'x' } }],
  [
    'shiftGroup',
    { value: { shiftTime: TIME, returnTime: TIME, reason: 'x' } },
    { value: { shiftTime: TIME, returnTime: TIME, reason: 'x' } },
  ],
  ['tripGroup', { value: TRIP }, { value: TRIP }],
])('the widget %s written as %j reads as documented', async (id, written, read) => {
  const { name, type } = widgets.find((widget) => widget.id === id) ?? {};
  expect(await readBack(id, written)).toEqual({ id, name, type, ...read });
});

test.each([
  ['input', { value: 5 }],
  ['number', { value: 'ten' }],
  ['date', { value: '2026-01-02' }],
  ['dateInterval', { value: { start: TIME } }],
  ['radioV2', { value: 'dev' }],
  ['checkboxV2', { value: 'k-1' }],
  ['checkboxV2', { value: ['k-1', 'dev'] }],
  ['checkboxV2', { value: [] }],
  ['outer', { value: '' }],
  ['contact', { value: ['u2', 'nobody'] }],
  ['contact', { value: [] }],
  ['department', { value: [{ open_id: 'od-8' }] }],
  ['attachmentV2', { value: 'D9' }],
  ['connect', { value: ['no-such-instance'] }],
  ['document', { value: { type: 'docx' } }],
  ['address', { value: [{ id: '1' }] }],
  ['telephone', { value: { country_code: '+86', national_number: '1' } }],
  ['table', { value: [] }],
  ['table', { value: [[{ id: 'other', type: 'input', value: 'x' }]] }],
  ['table', { value: [[{ id: 'size', type: 'radioV2', value: 'dev' }]] }],
  ['leaveGroupV2', { value: PERIOD }],
  ['shiftGroup', { value: { shiftTime: TIME } }],
])('the widget %s refuses %j', async (id, written) => {
  await expect(readBack(id, written)).rejects.toThrow(`控件值不合法或者为空。控件=${id}`);
});

test('an instance may name an older one, and the text of the form hides the ampersand of an address', async () => {
  const older = await service.createInstance({ form: '[]' });
  expect(await readBack('connect', { value: [older] })).toMatchObject({ value: [older] });
  const form = '[{"id":"image","type":"image","value":["D9"]}]';
  const { form: text } = await service.detail(await service.createInstance({ form }));
  expect(text).toContain('x-expires=1767366245\\u0026x-signature=1');
});

test('a trip is for people only', async () => {
  const form = JSON.stringify([{ id: 'tripGroup', type: 'tripGroup', value: TRIP }]);
  expect(await service.api('POST', 'approval/v4/instances', instanceBody({ form }))).toMatchObject({
    status: 400,
    body: { code: 1390001 },
  });
});

test('the form of a definition names options by value and text, and columns as children', async () => {
  const { body } = await service.api('GET', `approval/v4/approvals/${APPROVAL_CODE}`);
  const form = JSON.parse(String((body.data as { form: string }).form));
  const option = [
    { value: 'k-1', text: 'dev' },
    { value: 'k-2', text: 'prod 🙂' },
  ];
  expect(form.find(({ id }: { id: string }) => id === 'table')).toMatchObject({
    type: 'fieldList',
    children: [
      { id: 'host', custom_id: 'host_name' },
      { id: 'size', option },
    ],
  });
});
