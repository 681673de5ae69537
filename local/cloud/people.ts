/** People of the embedded company. `zhangsan` asks and `lisi` approves unless somebody says otherwise. */
export const PEOPLE = [
  { id: 'zhangsan', name: '张三', title: '人事专员' },
  { id: 'lisi', name: '李四', title: '部门经理' },
  { id: 'wangwu', name: '王五', title: '运维工程师' },
] as const;
export const REQUESTER = 'zhangsan';
export const APPROVER = 'lisi';
