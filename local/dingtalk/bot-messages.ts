import { createHash } from 'node:crypto';
import type { Clock } from '../../shared/clock.ts';
import { type AppCallbacks, signText } from './app-callbacks.ts';
import type { AppRobot } from './app-robot.ts';
import type { CallbackOutcome } from './callback-sender.ts';
import { findUser, type Group, type Organisation, type User } from './organisation.ts';

/** How long an app has to take a message is not documented. */
const ANSWER_WITHIN_MS = 3_000;
/** Seen from the real service: a session is good for an hour and a half. */
const SESSION_LIVES_MS = 5_400_000;

/** What people write to the app's robot, and the sessions in which it may answer. */
export interface BotMessages {
  /** Where messages go, and under which origin the app answers. */
  setCallback(url: string, oapiOrigin?: string): void;
  /**
   * Somebody mentions the robot in a group and writes this. Says whether the app took it; rejects if nobody could
   * write it: no such person or group, or the robot is not in it.
   */
  say(userId: string, openConversationId: string, text: string): Promise<CallbackOutcome>;
  /** The openConversationId of a session that is still good. */
  groupOf(session: string): string | undefined;
}

export function createBotMessages(tools: {
  clock: Clock;
  newId: () => string;
  randomBytes: (n: number) => Buffer;
  organisation: Organisation;
  appRobot: AppRobot;
  callbacks: AppCallbacks;
}): BotMessages {
  const { clock, newId, organisation, appRobot, callbacks } = tools;
  const sessions = new Map<string, { openConversationId: string; until: number }>();
  let target: { url: string; oapiOrigin: string } | undefined;
  return {
    setCallback(url, oapiOrigin = 'https://oapi.dingtalk.com') {
      target = { url: new URL(url).toString(), oapiOrigin };
    },
    async say(userId, openConversationId, text) {
      const { user, group } = writerOf(userId, openConversationId, tools);
      if (!target) return { accepted: false, reason: 'the app has no callback address for its robot' };
      const now = clock.now();
      const session = tools.randomBytes(16).toString('hex');
      const until = now + SESSION_LIVES_MS;
      sessions.set(session, { openConversationId, until });
      const sent = await callbacks.send({
        deed: 'botMessage',
        url: target.url,
        headers: signatureOf(organisation.app.appSecret, String(now)),
        body: {
          ...messageOf({ user, group, text, msgId: `msg${newId()}` }, organisation, appRobot.code),
          createAt: now,
          sessionWebhook: `${target.oapiOrigin}/robot/sendBySession?session=${session}`,
          sessionWebhookExpiredTime: until,
        },
        withinMs: ANSWER_WITHIN_MS,
      });
      return 'reason' in sent ? { accepted: false, reason: sent.reason } : { accepted: true };
    },
    groupOf(session) {
      const known = sessions.get(session);
      return known && known.until > clock.now() ? known.openConversationId : undefined;
    },
  };
}

function writerOf(
  userId: string,
  openConversationId: string,
  { organisation, appRobot }: { organisation: Organisation; appRobot: AppRobot },
): { user: User; group: Group } {
  const user = findUser(organisation, userId);
  if (!user) throw new Error(`there is no user ${userId}`);
  const entered = appRobot.enter(openConversationId);
  if ('group' in entered) return { user, group: entered.group };
  throw new Error(`nobody can mention the robot in ${openConversationId}: ${entered.refusal[0]}`);
}

/** sign = Base64(HmacSHA256(appSecret, timestamp + "\n" + appSecret)) */
function signatureOf(appSecret: string, timestamp: string): Record<string, string> {
  return { timestamp, sign: signText(appSecret, `${timestamp}\n${appSecret}`) };
}

/** https://open.dingtalk.com/document/development/robot-message-type ; the text begins with what follows the mention. */
function messageOf(
  { user, group, text, msgId }: { user: User; group: Group; text: string; msgId: string },
  { corpId }: Organisation,
  robotCode: string,
) {
  const chatbotUserId = encryptedId(robotCode);
  return {
    senderPlatform: 'Mac',
    conversationId: group.openConversationId,
    atUsers: [{ dingtalkId: chatbotUserId }],
    chatbotCorpId: corpId,
    chatbotUserId,
    msgId,
    senderNick: user.name,
    isAdmin: user.admin,
    senderStaffId: user.userid,
    senderCorpId: corpId,
    conversationType: '2',
    senderId: encryptedId(user.userid),
    conversationTitle: group.name,
    isInAtList: true,
    text: { content: ` ${text}` },
    robotCode,
    msgtype: 'text',
  };
}

/** An id as other companies see it: it says nothing about whose it is. */
function encryptedId(id: string): string {
  return `$:LWCP_v1:$${createHash('sha256').update(id).digest('base64').slice(0, 24)}`;
}
