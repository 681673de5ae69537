/** https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/approval-v4/instance/get */
export const CODE = '7C468A54-8745-2245-9675-08B7C63E7A85';
export const INSTANCE = '81D31358-93AF-92D6-7425-01A5D67C4E71';
export const HINT = { instance_id: INSTANCE, code: CODE };

const WIDGETS = [
  { id: 'widget1', custom_id: 'emp_id', name: '工号', type: 'input', ext: null, value: 'E123' },
  { id: 'widget2', name: '备注', type: 'textarea', value: '入职 🎉' },
];

export const entry = (
  type: string,
  open_id: string | null | undefined,
  create_time: string | null = '1767323045678',
) => ({
  type,
  create_time,
  open_id,
  user_id: 'f7cb567e',
  task_id: '1234',
  ext: '{}',
  node_key: 'APPROVAL_1',
});

/** 张三 (ou_1) asked, 李四 (ou_2) agreed. */
export const DETAIL = {
  approval_name: '入职',
  approval_code: CODE,
  instance_code: INSTANCE,
  serial_number: '202601020001',
  uuid: '1234567',
  user_id: 'f3ta757q',
  open_id: 'ou_1',
  department_id: 'od-1',
  status: 'APPROVED',
  reverted: false,
  start_time: '1767322045678',
  end_time: '1767323045678',
  form: JSON.stringify(WIDGETS),
  task_list: [],
  comment_list: [],
  timeline: [entry('START', 'ou_1', '1767322045678'), entry('PASS', 'ou_2')],
};

export const NAMES: Readonly<Record<string, string>> = { ou_1: '张三', ou_2: '李四', ou_3: 'Ana 🙂' };
