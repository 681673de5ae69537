import type { FinalEnd } from '../request/end-of.ts';
import type { Language } from '../workflows/schema.ts';
import type { Progress } from './render-progress.ts';

/** How requests stand and why they were refused, in both languages. `{name}` is filled in by `fill`. */
export interface StateTexts {
  ends: Record<FinalEnd, string>;
  /** Behind the subject, while the request is on its way. */
  progress: Record<Progress['kind'], string>;
  /** By refusal code; `other` for codes without a text of their own. */
  refusals: Record<string, string> & { other: string };
  separator: string;
}

const zh: StateTexts = {
  ends: {
    Success: '已完成',
    Failed: '执行失败',
    PartialFailed: '部分实例失败',
    Error: '执行异常',
    Timeout: '执行超时',
    Terminated: '已被终止',
    Cancelled: '已取消，未执行',
    Invalid: '命令或参数无效，未执行',
    Aborted: '未能送达实例，未执行',
    Observed: '仅观察，未执行',
    Refused: '未执行',
    Withdrawn: '已撤销，未执行',
    Parked: '未能完成，需要运维人员处理',
  },
  progress: { accepted: '已受理', waiting: '等待中', offline: '等待实例上线', paused: '已暂停', running: '执行中' },
  refusals: {
    missing_field: '表单里没有填写“{parameter}”。请补全后重新提交。',
    ambiguous_field: '表单里有多个组件对应“{parameter}”，请管理员在 workflows.yaml 中改用组件 id。',
    several_values: '“{parameter}”只能有一个值。请只选一个后重新提交。',
    value_not_allowed: '“{parameter}”的值“{value}”不符合要求。可接受：{accepted}。请修改后重新提交。',
    no_approver: '有效的同意人数为 {count}，至少需要 {min}（申请人本人、自动通过、不在指定名单上的人都不算）。',
    not_approved: '平台显示该审批并未通过。',
    not_original: '这是对已通过审批的修改或撤销，不会自动执行，请运维人员处理。',
    approval_unreadable: '无法读取该审批（{error}），请管理员检查应用权限。',
    template_mismatch: '该审批不属于模板 {code}，请管理员检查配置。',
    command_missing: '找不到命令 {command}，请管理员重新运行 setup。',
    run_rejected: '云助手拒绝执行（{error}），请管理员检查实例与命令。',
    revoked_before: '该审批已被撤销，不会执行。',
    nothing_failed: '上一次执行没有失败的实例，无需重新执行。',
    nothing_to_undo: '原申请没有执行过，没有需要撤销的内容。',
    revoked_in_time: '原申请尚未执行，已经取消，没有需要撤销的内容。',
    withdrawn_revoked: '审批在执行之前被撤销。',
    withdrawn_not_valid: '执行之前再次确认时，该审批已不再有效。如仍需要，请重新提交。',
    parked: '步骤 {step} 未能在规定时间内完成（{error}）。请运维人员用 requests show 查看原因，处理后再次执行。',
    other: '代码为 {code}，请联系管理员。',
  },
  separator: '，',
};

const en: StateTexts = {
  ends: {
    Success: 'done',
    Failed: 'failed',
    PartialFailed: 'failed on some instances',
    Error: 'ended abnormally',
    Timeout: 'timed out',
    Terminated: 'was stopped',
    Cancelled: 'was cancelled before it started',
    Invalid: 'not run: command or parameter invalid',
    Aborted: 'not run: the instance could not be reached',
    Observed: 'only observed, not run',
    Refused: 'not run',
    Withdrawn: 'withdrawn, not run',
    Parked: 'not finished, an operator is needed',
  },
  progress: {
    accepted: 'accepted',
    waiting: 'waiting',
    offline: 'waiting for instances',
    paused: 'paused',
    running: 'running',
  },
  refusals: {
    missing_field: 'The form has no value for "{parameter}". Fill it in and submit again.',
    ambiguous_field:
      'More than one form component matches "{parameter}"; an administrator should map it by component id.',
    several_values: '"{parameter}" takes one value; leave one and submit again.',
    value_not_allowed:
      'The value "{value}" of "{parameter}" is not allowed. Accepted: {accepted}. Correct it and submit again.',
    no_approver:
      'Agreements that count: {count}; at least {min} needed (the requester, automatic steps and people who are not on the list do not count).',
    not_approved: 'The platform says that this approval was not granted.',
    not_original:
      'This modifies or revokes an earlier approval; it does not run by itself. An operator should look at it.',
    approval_unreadable:
      'The approval could not be read ({error}); an administrator should check the permissions of the app.',
    template_mismatch:
      'The approval does not belong to the template {code}; an administrator should check the configuration.',
    command_missing: 'The command {command} was not found; an administrator should run setup again.',
    run_rejected: 'Cloud Assistant refused to run it ({error}); an administrator should check instance and command.',
    revoked_before: 'This approval has been revoked; it does not run.',
    nothing_failed: 'No instance failed the last time; there is nothing to run again.',
    nothing_to_undo: 'The original request never ran; there is nothing to undo.',
    revoked_in_time: 'The original request had not run yet and was cancelled; there is nothing to undo.',
    withdrawn_revoked: 'The approval was revoked before it ran.',
    withdrawn_not_valid: 'Read again before the run, the approval held no longer. Submit again if still wanted.',
    parked:
      'The step {step} was not finished in its time ({error}). An operator should find out why (requests show), then run it again.',
    other: 'Code {code}; please ask an administrator.',
  },
  separator: ', ',
};

export const STATE_TEXTS: Record<Language, StateTexts> = { 'zh-CN': zh, en };
