import type { Fact } from '../../../shared/request/records.ts';
import type { Language } from '../../../shared/workflows/schema.ts';
import type { Mistake } from './read-command.ts';

/** Every word with which the robot answers in a group. `{name}` is filled in by `fill`. */
export interface AnswerTexts {
  help: string;
  helpLine: string;
  helpMore: string;
  nothingHere: string;
  mistakes: Record<Mistake, string>;
  started: string;
  notStarted: string;
  pending: string;
  unknownRequest: string;
  nothingOpen: string;
  open: string;
  status: string;
  waiting: string;
  history: string;
  facts: Record<Fact['type'], string>;
}

const zh: AnswerTexts = {
  help: '在本群可以申请（@我，再写一行）：',
  helpLine: '{word} {parameters}\n　　{title}',
  helpMore: '查询：状态 [编号]，为什么 <编号>，帮助',
  nothingHere: '本群没有可以申请的事项，请联系管理员。',
  mistakes: {
    unknown_word: '没有“{word}”这个指令。可用：{accepted}。',
    unknown_parameter: '没有名为“{name}”的参数。可用：{accepted}。',
    twice: '“{parameter}”写了不止一次，请只写一次。',
    too_much: '多出了“{value}”，所有参数都已经有值。',
  },
  started: '已提交审批“{title}”，编号 {id}。审批通过后自动执行，结果发到本群。查看：{link}',
  notStarted: '没能提交审批“{title}”（{code}）。请检查内容，或联系管理员。',
  pending: '等待审批人同意',
  unknownRequest: '本群没有编号为“{id}”的申请。',
  nothingOpen: '本群没有进行中的申请。',
  open: '进行中的申请：',
  status: '{title}：{state}（{id}）',
  waiting: '等待同一对象的另一个申请（{other}）完成',
  history: '{time}　{fact}',
  facts: {
    accepted: '审批已确认，开始受理',
    refused: '不予执行',
    planned: '命令已排定',
    dispatched: '已下发到实例',
    completed: '执行结束',
    announced: '结果已发到群里',
    commented: '结果已写到审批上',
    closed: '已归档',
    withdrawn: '审批不再有效',
    cancelled: '已取消，没有执行',
    confirmed: '执行前再次确认审批有效',
    redirected: '转为撤销原申请',
    parked: '未能完成，等待运维人员处理',
    observed: '只观察，没有执行',
    pressed: '有人按了按钮',
    answered: '按钮所要求的已处理',
  },
};

const en: AnswerTexts = {
  help: 'In this group you may ask for (mention me and write one line):',
  helpLine: '{word} {parameters}\n    {title}',
  helpMore: 'Also: status [id], why <id>, help',
  nothingHere: 'Nothing can be asked for in this group.',
  mistakes: {
    unknown_word: 'There is no command "{word}". Accepted: {accepted}.',
    unknown_parameter: 'There is no parameter "{name}". Accepted: {accepted}.',
    twice: '"{parameter}" is written more than once; write it once.',
    too_much: '"{value}" is one too many: every parameter has a value already.',
  },
  started:
    'Approval "{title}" submitted, id {id}. It runs once it is approved, and the result comes to this group. See {link}',
  notStarted: 'Approval "{title}" could not be submitted ({code}). Check what you wrote, or ask your administrator.',
  pending: 'waits for its approvers',
  unknownRequest: 'This group has no request "{id}".',
  nothingOpen: 'Nothing is under way in this group.',
  open: 'Under way:',
  status: '{title}: {state} ({id})',
  waiting: 'waits for another request about the same subject ({other})',
  history: '{time}  {fact}',
  facts: {
    accepted: 'confirmed and accepted',
    refused: 'not to be run',
    planned: 'the command was laid down',
    dispatched: 'sent to the instances',
    completed: 'the run ended',
    announced: 'told in the chat',
    commented: 'written on the approval',
    closed: 'closed',
    withdrawn: 'the approval holds no longer',
    cancelled: 'cancelled, nothing has run',
    confirmed: 'confirmed again before the run',
    redirected: 'the reversal of another request',
    parked: 'not finished, an operator is needed',
    observed: 'only observed, nothing has run',
    pressed: 'somebody pressed a button',
    answered: 'what the button asked for was done',
  },
};

export const ANSWERS: Record<Language, AnswerTexts> = { 'zh-CN': zh, en };
