import { approvalErrors } from '../api-error.ts';
import type { Operation } from '../operation.ts';
import { findDefinition, type Widget } from '../organisation.ts';
import { HUNDRED_A_MINUTE } from '../rate-limits.ts';

/** https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/approval-v4/approval/get */
export const getDefinition: Operation = {
  name: 'approvals/get',
  method: 'GET',
  path: 'approval/v4/approvals/:approval_code',
  limit: HUNDRED_A_MINUTE,
  needsToken: true,
  answer({ organisation }, { path }) {
    const definition = findDefinition(organisation, path.approval_code ?? '');
    if (!definition) throw approvalErrors.noDefinition();
    if (definition.status === 'DELETED') throw approvalErrors.deleted();
    const { name, status, widgets, nodes } = definition;
    const node_list = nodes.map(({ node_id, custom_node_id, name, node_type, user_ids }) => ({
      name,
      need_approver: user_ids.length === 0,
      node_id,
      ...(custom_node_id ? { custom_node_id } : {}),
      node_type,
      approver_chosen_multi: true,
      require_signature: false,
    }));
    const form = JSON.stringify(widgets.map(widgetOf));
    return {
      data: { approval_name: name, status, form, node_list, viewers: [{ type: 'TENANT', id: '', user_id: '' }] },
    };
  },
};

/** The options of a choice are read as `value` and `text`; the columns of a table stand in `children`. */
function widgetOf({
  id,
  custom_id,
  name,
  type,
  required,
  options,
  ...rest
}: Widget | Omit<Widget, 'children'>): object {
  return {
    id,
    ...(custom_id ? { custom_id } : {}),
    name,
    type,
    printable: true,
    required,
    visible: true,
    ...(options ? { option: options.map(({ key, text }) => ({ value: key, text })) } : {}),
    ...('children' in rest && rest.children ? { children: rest.children.map(widgetOf) } : {}),
  };
}
