import * as z from 'zod/mini';
import type { Clock } from '../../clock.ts';
import { parseJson } from '../../json.ts';
import type { Question } from '../desk.ts';
import type { CallbackOutcome, CallbackRequest } from '../platform.ts';
import { jsonAnswer, REJECTED, signTime, timeSignedFault } from './time-signed.ts';

/** The time in the headers may be an hour off: https://open.dingtalk.com/document/dingstart/robot-receive-message */
const MAX_SKEW_MS = 3_600_000;

const REPLY = jsonAnswer({});

/** Under which a message comes by the connection. */
export const ROBOT_TOPIC = '/v1.0/im/bot/messages/get';

const id = z.string().check(z.minLength(1), z.maxLength(128));
/** What the robot is told, over HTTP and over a connection. Only people of the company have a staff id. */
const messageSchema = z.object({
  conversationId: id,
  conversationType: z.string(),
  msgId: id,
  msgtype: z.string(),
  senderCorpId: z.optional(z.nullable(z.string())),
  senderStaffId: z.optional(z.nullable(id)),
  robotCode: z.optional(z.nullable(id)),
  text: z.optional(z.object({ content: z.string() })),
});

export interface RobotConfig {
  appSecret: string;
  corpId: string;
}

/** Whether the request looks like a message to a robot; its signature is checked by `openRobotMessage`. */
export function recognisesRobotMessage({ headers }: CallbackRequest): boolean {
  return 'sign' in headers && 'timestamp' in headers;
}

/** Opens a message to the app's robot; whatever it asks for, an approval stands between it and a run. */
export function openRobotMessage(request: CallbackRequest, config: RobotConfig, clock: Clock): CallbackOutcome {
  const sign = (timestamp: string) => signTime(config.appSecret, timestamp);
  const signature = { timestamp: 'timestamp', signature: 'sign', sign, withinMs: MAX_SKEW_MS };
  const fault = timeSignedFault(request, signature, clock.now());
  if (fault !== undefined) return { kind: 'rejected', reason: fault, reply: REJECTED };
  const message = request.body.toString();
  const said = readRobotMessage(parseJson(message), config.corpId);
  if ('reason' in said) return { kind: 'ignored', reason: said.reason, reply: REPLY, message };
  return { kind: 'question', question: said, reply: REPLY, message };
}

/** What somebody of the company asks in a group; anything else with the reason why it is none of our business. */
export function readRobotMessage(json: unknown, corpId: string): Question | { reason: string } {
  const parsed = messageSchema.safeParse(json);
  if (!parsed.success) return { reason: 'not a message to a robot' };
  const { conversationId, conversationType, msgId, msgtype, senderCorpId, senderStaffId, robotCode, text } =
    parsed.data;
  if (conversationType !== '2') return { reason: 'the message is not from a group' };
  if (msgtype !== 'text' || !text) return { reason: `the message is ${msgtype.slice(0, 32)}, not text` };
  if (!senderStaffId || (senderCorpId && senderCorpId !== corpId))
    return { reason: 'the sender is of another company' };
  const robot = robotCode ? { robot: robotCode } : {};
  return { conversation: conversationId, message_id: msgId, sender: senderStaffId, text: text.content, ...robot };
}
