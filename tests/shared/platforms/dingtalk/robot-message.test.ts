import { createHmac } from 'node:crypto';
import {
  openRobotMessage,
  readRobotMessage,
  recognisesRobotMessage,
} from '../../../../shared/platforms/dingtalk/robot-message.ts';
import { createHandClock } from '../../hand-clock.ts';

const NOW = Date.parse('2026-11-24T06:00:00Z');
const CONFIG = { appSecret: 'app-secret', corpId: 'ding1' };
const MESSAGE = {
  conversationId: 'cidAbc==',
  conversationType: '2',
  msgId: 'msg1',
  msgtype: 'text',
  senderCorpId: 'ding1',
  senderStaffId: 'zhangsan',
  robotCode: 'dingapp',
  text: { content: ' 入职 工号=E123 🙂' },
};
const QUESTION = {
  conversation: 'cidAbc==',
  message_id: 'msg1',
  sender: 'zhangsan',
  text: ' 入职 工号=E123 🙂',
  robot: 'dingapp',
};

/** As the vendor's page on receiving messages says it is signed. */
function request(changes: { at?: number; secret?: string; method?: string; sign?: string; body?: string } = {}) {
  const timestamp = String(changes.at ?? NOW);
  const secret = changes.secret ?? CONFIG.appSecret;
  const sign = changes.sign ?? createHmac('sha256', secret).update(`${timestamp}\n${secret}`).digest('base64');
  const body = Buffer.from(changes.body ?? JSON.stringify(MESSAGE));
  return { method: changes.method ?? 'POST', query: {}, headers: { timestamp, sign }, body };
}

const open = (changes: Parameters<typeof request>[0] = {}) =>
  openRobotMessage(request(changes), CONFIG, createHandClock(NOW));

test('a signed message from a group is a question', () => {
  expect(recognisesRobotMessage(request())).toBe(true);
  expect(recognisesRobotMessage({ ...request(), headers: {} })).toBe(false);
  expect(open()).toEqual({
    kind: 'question',
    question: QUESTION,
    reply: { status: 200, headers: { 'content-type': 'application/json' }, body: '{}' },
    message: JSON.stringify(MESSAGE),
  });
});

test.each([
  ['of another app', { secret: 'other' }, 'wrong signature'],
  ['whose signature is cut', { sign: 'abc' }, 'wrong signature'],
  ['signed more than an hour ago', { at: NOW - 3_600_001 }, 'signed at another time than now'],
  ['signed for more than an hour from now', { at: NOW + 3_600_001 }, 'signed at another time than now'],
  ['without a time', { at: Number.NaN }, 'signed at another time than now'],
  ['that is fetched', { method: 'GET' }, 'method GET instead of POST'],
])('a message %s is rejected, and its sender learns nothing', (_, changes, reason) => {
  expect(open(changes)).toEqual({
    kind: 'rejected',
    reason,
    reply: {
      status: 403,
      headers: { 'content-type': 'application/json' },
      body: '{"error":"the callback could not be verified"}',
    },
  });
});

test.each([
  ['a private message', { conversationType: '1' }, 'the message is not from a group'],
  ['a picture', { msgtype: 'picture' }, 'the message is picture, not text'],
  ['somebody of another company', { senderCorpId: 'ding2' }, 'the sender is of another company'],
  ['somebody without a staff id', { senderStaffId: null }, 'the sender is of another company'],
  ['nothing that is a message', { msgId: 7 }, 'not a message to a robot'],
])('%s is none of our business', (_, changes, reason) => {
  expect(readRobotMessage({ ...MESSAGE, ...changes }, 'ding1')).toEqual({ reason });
});
