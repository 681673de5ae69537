import { createHash } from 'node:crypto';
import type { Clock } from '../../shared/clock.ts';
import { type AppCallbacks, signText } from './app-callbacks.ts';
import type { AppRobot } from './app-robot.ts';
import type { CallbackOutcome } from './callback-sender.ts';
import { findUser, type Group, type Organisation, type User } from './organisation.ts';

/** How long an app has to take a message is not documented. */
const ANSWER_WITHIN_MS = 3_000;
const STREAM_TOPIC = '/v1.0/im/bot/messages/get';
const DEED = 'botMessage';
/** Seen from the real service: a session is good for an hour and a half. */
const SESSION_LIVES_MS = 5_400_000;

/** What people write to the app's robot, and the sessions in which it may answer. */
export interface BotMessages {
  /** Where messages go, and under which origin the app answers. */
  setCallback(url: string, oapiOrigin?: string): void;
  /** They go over the app's connections, beside the address where one is set. */
  setStream(oapiOrigin?: string): void;
  /**
   * Somebody mentions the robot in a group and writes this. Says whether the app took it, one way or the other; rejects
   * if nobody could write it: no such person or group, or the robot is not in it.
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
  const ways: { url?: string; stream?: true } = {};
  let origin = OAPI_ORIGIN;
  const post = async (url: string, body: object, now: number): Promise<CallbackOutcome> => {
    const headers = signatureOf(organisation.app.appSecret, String(now));
    return outcomeOf(await callbacks.send({ deed: DEED, url, headers, body, withinMs: ANSWER_WITHIN_MS }));
  };
  const push = async (body: object): Promise<CallbackOutcome> =>
    outcomeOf(await callbacks.push({ deed: DEED, topic: STREAM_TOPIC, body, withinMs: ANSWER_WITHIN_MS }));
  return {
    setCallback(url, oapiOrigin = OAPI_ORIGIN) {
      ways.url = new URL(url).toString();
      origin = oapiOrigin;
    },
    setStream(oapiOrigin = OAPI_ORIGIN) {
      ways.stream = true;
      origin = oapiOrigin;
    },
    async say(userId, openConversationId, text) {
      const { user, group } = writerOf(userId, openConversationId, tools);
      const now = clock.now();
      const session = tools.randomBytes(16).toString('hex');
      const until = now + SESSION_LIVES_MS;
      sessions.set(session, { openConversationId, until });
      const body = {
        ...messageOf({ user, group, text, msgId: `msg${newId()}` }, organisation, appRobot.code),
        createAt: now,
        sessionWebhook: `${origin}/robot/sendBySession?session=${session}`,
        sessionWebhookExpiredTime: until,
      };
      const sent = [...(ways.url ? [post(ways.url, body, now)] : []), ...(ways.stream ? [push(body)] : [])];
      const outcomes = await Promise.all(sent);
      return outcomes.find(({ accepted }) => accepted) ?? outcomes[0] ?? { accepted: false, reason: NO_WAY };
    },
    groupOf(session) {
      const known = sessions.get(session);
      return known && known.until > clock.now() ? known.openConversationId : undefined;
    },
  };
}

const OAPI_ORIGIN = 'https://oapi.dingtalk.com';
const NO_WAY = 'the app has neither a callback address for its robot nor Stream mode';

const outcomeOf = (sent: object): CallbackOutcome =>
  'reason' in sent ? { accepted: false, reason: String(sent.reason) } : { accepted: true };

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
