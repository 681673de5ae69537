import { createHmac } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import type { CallHttp } from '../../http/call.ts';
import { parseJson } from '../../json.ts';
import { oldErrcode, oldError } from './client.ts';

/** A group's custom robot, with the security option "sign". */
export interface RobotConfig {
  accessToken: string;
  /** `SEC…` */
  secret: string;
}

export interface RobotMessage {
  title: string;
  /** Markdown, at most 20,000 bytes with the rest. */
  text: string;
  idempotencyKey: string;
  /** User ids; whoever is called must stand in the text as `@id`, too. */
  at?: readonly string[];
}

/**
 * Sends markdown through a custom robot. Every answer is HTTP 200, so only `errcode` 0 counts as sent.
 * https://open.dingtalk.com/document/development/custom-robots-send-group-messages
 */
export async function sendRobotMessage(
  robot: RobotConfig,
  message: RobotMessage,
  tools: { oapiEndpoint: string; http: CallHttp; clock: Clock },
): Promise<void> {
  const timestamp = String(tools.clock.now());
  const sign = createHmac('sha256', robot.secret).update(`${timestamp}\n${robot.secret}`).digest('base64');
  const query = new URLSearchParams({ access_token: robot.accessToken, timestamp, sign });
  const answer = await tools.http({
    service: 'dingtalk',
    method: 'POST',
    url: `${tools.oapiEndpoint}/robot/send?${query}`,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify({
      msgtype: 'markdown',
      markdown: { title: message.title, text: message.text },
      ...(message.at && message.at.length > 0 ? { at: { atUserIds: message.at } } : {}),
      msgUuid: message.idempotencyKey,
    }),
  });
  const errcode = oldErrcode(parseJson(answer.body));
  if (errcode !== '0') throw oldError(errcode, answer.status);
}
