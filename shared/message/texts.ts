import type { PressKind } from '../events.ts';
import type { RunEnd } from '../request/records.ts';
import type { Language } from '../workflows/schema.ts';
import { STATE_TEXTS, type StateTexts } from './state-texts.ts';

/** Every word that people read in a final message, in both languages. `{name}` is filled in by `fill`. */
export interface Texts extends StateTexts {
  /** In front of the workflow's title where the request undoes another one. */
  revoke: string;
  /** Why a request waits for another one about the same subject. */
  waiting: string;
  /** Why a request waits for instances. */
  offline: string;
  /** Why no run of the workflow starts: a person paused it, or it had too many runs. */
  paused: string;
  limited: string;
  /** In the final message of the attempt before that one. */
  later: string;
  /** Why an attempt was made that nobody asked for. */
  back: string;
  /** What a request would have run that is only observed, and where it could not. */
  observed: string;
  unreachable: string;
  /** Where a message could not go to the chat it was meant for. */
  missed: string;
  /** Beside the status: what it means and what to do next. */
  advice: Record<Exclude<RunEnd, 'Success'>, string>;
  labels: Record<
    | 'title'
    | 'requester'
    | 'approvers'
    | 'parameters'
    | 'retry'
    | 'run'
    | 'reason'
    | 'facts'
    | 'output'
    | 'omitted'
    | 'again'
    | 'pressed'
    | 'record'
    | 'link'
    | 'id',
    string
  >;
  /** Beside an instance's status, where they are known. */
  exitCode: string;
  /** In the place of lines that are left out. */
  linesOmitted: string;
  duration: string;
  shortDuration: string;
  /** Of a span, the largest first. */
  units: Record<'hours' | 'minutes' | 'seconds', string>;
  /** In place of the instances that are not listed: how many ended how, each as `instancesCount`. */
  otherInstances: string;
  instancesCount: string;
  /** What stands on them. */
  buttons: Record<PressKind, string>;
  /** In front of the command that does the same. */
  commands: Record<Exclude<PressKind, 'retry'>, string>;
  /** Why a person tried it again, and who. */
  retriedBy: string;
  /** A button with who pressed it, and when. */
  pressedBy: string;
  /** Behind the subject, in a message that holds only what was printed. */
  printed: string;
  /** One person with the time of the agreement. */
  approvedAt: string;
  /** At the end of a list of which only the first are shown. */
  total: string;
  nobody: string;
  colon: string;
}

const zh: Texts = {
  ...STATE_TEXTS['zh-CN'],
  revoke: '撤销 ',
  offline: '{instances} 的云助手没有响应；全部恢复后会自动执行。',
  paused: '{by} 已暂停执行：{reason}。恢复后会自动继续，请勿重复提交。',
  limited: '一小时内已执行 {count} 次，达到上限，已自动暂停。运维人员恢复后会自动继续，请勿重复提交。',
  later: '{instances} 的云助手没有响应；全部恢复后会自动执行，最多等待 {time}，之后再试一次。请勿重复提交。',
  waiting: '同一对象的另一个申请（{other}）完成后会自动继续。',
  back: '等待离线实例之后自动执行',
  observed: '将在 {instances} 上执行命令 {command}；该流程处于观察模式，什么都没有执行。',
  unreachable: '{instances} 的云助手没有响应，届时会执行失败。',
  missed: '群 {chat} 无法送达（{code}），因此发到这里。',
  advice: {
    Failed: '脚本没有成功（退出码不为 0），请运维人员查看输出并处理。',
    PartialFailed: '部分实例没有成功，请运维人员逐个处理。',
    Error: '云助手未能正常结束此次执行。请运维人员检查实例，再次执行。',
    Timeout: '脚本没有在限定时间内结束，已被强制停止，实例上可能留有部分改动。请运维人员检查后再次执行。',
    Terminated: '有人在执行过程中停止了它，实例上可能留有部分改动。请运维人员检查，需要时再次执行。',
    Cancelled: '执行在开始之前被取消，实例没有改动。如仍需要，请重新提交申请。',
    Invalid: '实例上缺少命令所需的用户、目录或参数。请运维人员检查命令配置，再重新提交申请。',
    Aborted: '实例未运行或云助手离线。请运维人员检查实例，再次执行。',
  },
  labels: {
    title: '审批',
    requester: '申请人',
    approvers: '同意人',
    parameters: '参数',
    retry: '重新执行',
    again: '再次执行',
    pressed: '按钮',
    record: '记录',
    run: '执行',
    reason: '原因',
    facts: '由 {instance} 报告',
    output: '{instance} 的输出（末尾）',
    omitted: '……（前面的输出已省略）',
    link: '查看审批',
    id: '编号',
  },
  exitCode: '退出码 {code}',
  linesOmitted: '……（省略 {count} 行）',
  duration: '用时 {time}',
  shortDuration: '用时不到 1 秒',
  units: { hours: '{count} 小时', minutes: '{count} 分钟', seconds: '{count} 秒' },
  otherInstances: '另有 {count} 个实例：{ends}',
  instancesCount: '{count} 个{end}',
  buttons: { stop: '停止', retry: '重试', output: '显示输出' },
  commands: { stop: '停止执行', output: '查看输出' },
  retriedBy: '{reason}（{by}）',
  pressedBy: '{name} 按下“{button}”（{time}）',
  printed: '的输出',
  approvedAt: '{name}（{time}）',
  total: '……（共 {count} 个）',
  nobody: '无',
  colon: '：',
};

const en: Texts = {
  ...STATE_TEXTS.en,
  revoke: 'Undo: ',
  offline: 'The agent of {instances} does not answer; the run starts once all of them do.',
  paused: '{by} has paused runs: {reason}. This one goes on by itself once they are resumed; do not submit it again.',
  limited:
    'There were {count} runs within an hour, as many as there may be, so that further ones are paused. This one goes on by itself once an operator resumes them; do not submit it again.',
  later:
    'The agent of {instances} does not answer; it runs there once all of them do, or is tried once more when {time} have passed. Do not submit it again.',
  waiting: 'Another request for the same subject ({other}) comes first; this one goes on by itself after it.',
  back: 'by itself, after waiting for instances that were offline',
  observed: 'It would run the command {command} on {instances}; this workflow is only observed, and nothing has run.',
  unreachable: 'The agent of {instances} does not answer: there it would fail.',
  missed: 'The chat {chat} could not be reached ({code}); this is why the message is here.',
  advice: {
    Failed: 'The script did not succeed (its exit code is not 0). An operator should look at its output.',
    PartialFailed: 'Some instances did not succeed. An operator should deal with each of them.',
    Error:
      'Cloud Assistant could not finish this run properly. An operator should check the instance, then run it again.',
    Timeout:
      'The script did not end in the time it had and was killed; the instance may be partly changed. An operator should check it, then run it again.',
    Terminated:
      'Somebody stopped it while it ran; the instance may be partly changed. An operator should check it, and run it again if it is still wanted.',
    Cancelled: 'It was cancelled before it started; the instance is unchanged. Submit again if it is still wanted.',
    Invalid:
      'A user, folder or parameter that the command needs is missing on the instance. An operator should check the command; then submit again.',
    Aborted:
      'The instance is not running or its agent is offline. An operator should check the instance, then run it again.',
  },
  labels: {
    title: 'Approval',
    requester: 'Requested by',
    approvers: 'Approved by',
    parameters: 'Parameters',
    retry: 'Tried again',
    again: 'To run it again',
    pressed: 'Button',
    record: 'record',
    run: 'Run',
    reason: 'Reason',
    facts: 'Reported by {instance}',
    output: 'Output of {instance} (end)',
    omitted: '… (earlier output left out)',
    link: 'Open the approval',
    id: 'Request',
  },
  exitCode: 'exit code {code}',
  linesOmitted: '… (lines left out: {count})',
  duration: '{time}',
  shortDuration: 'under 1 s',
  units: { hours: '{count} h', minutes: '{count} min', seconds: '{count} s' },
  otherInstances: '{count} more: {ends}',
  instancesCount: '{count} {end}',
  buttons: { stop: 'Stop', retry: 'Retry', output: 'Show output' },
  commands: { stop: 'To stop it', output: 'To see the output' },
  retriedBy: '{reason} ({by})',
  pressedBy: '{name} pressed {button} ({time})',
  printed: 'output',
  approvedAt: '{name} ({time})',
  total: '… ({count} in all)',
  nobody: 'nobody',
  colon: ': ',
};

export const TEXTS: Record<Language, Texts> = { 'zh-CN': zh, en };
