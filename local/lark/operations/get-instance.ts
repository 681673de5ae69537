import { approvalErrors } from '../api-error.ts';
import { textOf } from '../comment-content.ts';
import type { Instance } from '../instance.ts';
import { type Operation, userIdType } from '../operation.ts';
import { findDefinition, findUser, type Organisation, personIds } from '../organisation.ts';
import { THOUSAND_A_MINUTE } from '../rate-limits.ts';

/** https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/approval-v4/instance/get */
export const getInstance: Operation = {
  name: 'instances/get',
  method: 'GET',
  path: 'approval/v4/instances/:instance_id',
  limit: THOUSAND_A_MINUTE,
  needsToken: true,
  answer({ approvals, organisation }, call) {
    const type = userIdType(call);
    if (!type) throw approvalErrors.parameter('user_id_type');
    const instance = approvals.find(call.path.instance_id ?? '');
    if (!instance) throw approvalErrors.noInstance();
    const asking = call.request.query.get('user_id');
    if (asking && !findUser(organisation, asking, type)) throw approvalErrors.noUser();
    return { data: detailOf(instance, organisation) };
  },
};

function detailOf(instance: Instance, organisation: Organisation) {
  const { approval_code, instance_code, serial_number, uuid, status, department_id, form, reverted } = instance;
  return {
    approval_code,
    approval_name: findDefinition(organisation, approval_code)?.name ?? '',
    instance_code,
    serial_number,
    uuid,
    status,
    ...personIds(organisation, instance.user_id),
    department_id,
    start_time: String(instance.start_time),
    end_time: String(instance.end_time),
    form,
    task_list: tasksOf(instance, organisation),
    timeline: timelineOf(instance, organisation),
    comment_list: commentsOf(instance, organisation),
    reverted,
  };
}

function tasksOf({ tasks, nodes }: Instance, organisation: Organisation) {
  return tasks.map(({ id, user_id, status, node, start_time, end_time }) => {
    const custom_node_id = nodes[node]?.custom_node_id;
    return {
      id,
      ...personIds(organisation, user_id),
      status,
      node_id: nodes[node]?.node_id ?? '',
      node_name: nodes[node]?.name ?? '',
      ...(custom_node_id ? { custom_node_id } : {}),
      type: nodes[node]?.node_type ?? 'OR',
      start_time: String(start_time),
      end_time: String(end_time),
    };
  });
}

function timelineOf({ timeline, nodes }: Instance, organisation: Organisation) {
  return timeline.map(({ type, create_time, user_id, task_id, comment, node }) => ({
    type,
    create_time: String(create_time),
    ...personIds(organisation, user_id),
    ...(task_id ? { task_id } : {}),
    ...(comment ? { comment } : {}),
    ext: '{}',
    node_key: node === undefined ? '' : (nodes[node]?.node_id ?? ''),
  }));
}

function commentsOf({ comments }: Instance, organisation: Organisation) {
  return comments
    .filter(({ is_delete }) => !is_delete)
    .map(({ id, user_id, content, create_time }) => ({
      id,
      ...personIds(organisation, user_id),
      comment: textOf(content),
      create_time: String(create_time),
      files: [],
    }));
}
