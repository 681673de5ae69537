import type { Clock } from '../../shared/clock.ts';
import { NewApiError } from './api-errors.ts';
import type { MessageContent, Place, StoredMessage } from './chat-message.ts';
import type { MessageBoard } from './message-board.ts';
import type { Group, Organisation, User } from './organisation.ts';

const MINUTE_MS = 60_000;
/** https://open.dingtalk.com/document/development/enterprise-chatbot-withdraws-internal-group-messages */
const RECALLED_WITHIN_MS = 86_400_000;

type Refusal = [code: string, message: string];

/** The robot of the company's own app: a member of groups, and a chat of its own with every person. */
export interface AppRobot {
  code: string;
  /** Throws a NewApiError unless this is the code of the app's robot. */
  checkCode(robotCode: string): void;
  /** The group, if the robot may speak there. */
  enter(openConversationId: string): { group: Group } | { refusal: Refusal };
  /** Returns the key of the message, or undefined if the robot spoke too often in this minute. */
  sayInGroup(group: Group, content: MessageContent, bytes: number): string | undefined;
  /** One message for each, under one key; people who have had too many in this minute get none. */
  sayToPeople(
    users: User[],
    content: MessageContent,
    bytes: number,
  ): { processQueryKey: string; flowControlled: User[] };
  /** Takes one of its messages in a group back; false if there is none of this key, or it is too old. */
  recall(group: Group, processQueryKey: string): boolean;
}

export function createAppRobot(tools: {
  clock: Clock;
  newId: () => string;
  organisation: Organisation;
  board: MessageBoard;
}): AppRobot {
  const { clock, newId, organisation, board } = tools;
  const { perGroupPerMinute, perUserPerMinute } = organisation.robotLimits;
  const code = robotCodeOf(organisation);
  const said = (matches: (message: StoredMessage) => boolean) =>
    board.countSince(
      clock.now() - MINUTE_MS,
      (message) => message.robot === code && message.kind !== 'card' && matches(message),
    );
  return {
    code,
    checkCode(robotCode) {
      if (robotCode !== code) throw new NewApiError('invalidParameter.robotCode.notExsit', '机器人不存在');
    },
    enter(openConversationId) {
      const group = organisation.groups.find((one) => one.openConversationId === openConversationId);
      if (!group) return { refusal: ['invalid.openConversationId', '无效的openConversationId'] };
      const refusal = refusalOf(group);
      return refusal ? { refusal } : { group };
    },
    sayInGroup(group, content, bytes) {
      const { openConversationId } = group;
      if (said((message) => message.openConversationId === openConversationId) >= perGroupPerMinute) return undefined;
      const processQueryKey = newId();
      board.show({ kind: 'enterpriseRobot', robot: code, ...placeOfGroup(group), ...content, processQueryKey }, bytes);
      return processQueryKey;
    },
    sayToPeople(users, content, bytes) {
      const processQueryKey = newId();
      const isControlled = (user: User) => said((message) => message.userId === user.userid) >= perUserPerMinute;
      const flowControlled = users.filter(isControlled);
      for (const user of users.filter((one) => !flowControlled.includes(one))) {
        board.show({ kind: 'directMessage', robot: code, ...placeOfUser(user), ...content, processQueryKey }, bytes);
      }
      return { processQueryKey, flowControlled };
    },
    recall({ openConversationId }, processQueryKey) {
      const message = board
        .all()
        .find((one) => one.processQueryKey === processQueryKey && one.openConversationId === openConversationId);
      if (!message || clock.now() - message.time > RECALLED_WITHIN_MS) return false;
      board.withdraw(message.id);
      return true;
    },
  };
}

export function robotCodeOf({ app }: Organisation): string {
  return app.robotCode ?? app.appKey;
}

export function placeOfGroup({ name, openConversationId }: Group): Place {
  return { chat: name, openConversationId };
}

export function placeOfUser({ name, userid }: User): Place {
  return { chat: name, userId: userid };
}

/** https://open.dingtalk.com/document/development/the-robot-sends-a-group-message */
function refusalOf(group: Group): Refusal | undefined {
  if (group.otherOrganisation) return ['conversation.org.notMatch', '会话所属组织信息不匹配'];
  if (group.disbanded) return ['group.disbanded', '群已经解散'];
  if (!group.robot) return ['invalidParameter.robotCode.notExsit', '机器人不存在'];
  if (group.robotStopped) return ['bot.stopped', '群机器人已经停用'];
  if (group.muted) return ['bot.forbidden.sendMessage', '账户被禁言'];
  return undefined;
}
