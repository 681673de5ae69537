import type { Clock } from '../../clock.ts';
import type { CallHttp } from '../../http/call.ts';
import { parseJson } from '../../json.ts';
import { oldErrcode, oldError } from './client.ts';
import { signTime } from './time-signed.ts';

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

/** The address of a custom robot, signed for this moment. */
export function robotUrl(robot: RobotConfig, { oapiEndpoint, clock }: { oapiEndpoint: string; clock: Clock }): string {
  const timestamp = String(clock.now());
  const sign = signTime(robot.secret, timestamp);
  return `${oapiEndpoint}/robot/send?${new URLSearchParams({ access_token: robot.accessToken, timestamp, sign })}`;
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
  const answer = await tools.http({
    service: 'dingtalk',
    method: 'POST',
    url: robotUrl(robot, tools),
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
