/** Types a widget can have: https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/approval-v4/approval/get */
export const WIDGET_TYPES = [
  'input',
  'textarea',
  'number',
  'amount',
  'formula',
  'date',
  'dateInterval',
  'radio',
  'radioV2',
  'checkbox',
  'checkboxV2',
  'contact',
  'department',
  'fieldList',
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

export type WidgetType = (typeof WIDGET_TYPES)[number];

/** A person can fill these in, "create an instance" cannot (see approval-instance-form-control-parameters). */
export const NOT_BY_API: readonly WidgetType[] = ['tripGroup'];
