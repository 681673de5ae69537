import * as z from 'zod/mini';
import { PermanentError } from '../../../shared/errors.ts';
import { parseJson } from '../../../shared/json.ts';
import { oldErrcode } from '../../../shared/platforms/dingtalk/client.ts';
import { robotUrl } from '../../../shared/platforms/dingtalk/robot.ts';
import { type LarkClient, larkCode } from '../../../shared/platforms/lark/client.ts';
import { botUrl, signed } from '../../../shared/platforms/lark/custom-bot.ts';
import type { Chat } from '../../../shared/workflows/chat-schema.ts';
import type { Check } from '../check.ts';
import { error, type Finding, note, warning } from '../finding.ts';
import { openDingtalk } from '../open-dingtalk.ts';
import { openLark } from '../open-lark.ts';
import type { Admitted } from '../patient.ts';

/** Whether each chat can be written to, as far as that shows without a message in it. */
export const chats: Check = {
  name: 'chats',
  fine: 'the robots take our signature, and the app’s bot is in its groups',
  needs: [],
  async look(patient) {
    const { platforms, workflows } = patient;
    const all = Object.entries(workflows?.chats ?? {});
    const found = all.flatMap(([name, chat]) => [
      ...(platforms.includes('dingtalk') ? [inDingtalk(name, chat, patient)] : []),
      ...(platforms.includes('lark') ? [inLark(name, chat, patient)] : []),
    ]);
    return (await Promise.all(found)).flat();
  },
};

const HEADERS = { 'content-type': 'application/json; charset=utf-8' };

/**
 * A call without a message, which nobody can see. What a robot of DingTalk answers to it: the embedded one looks at the
 * signature first; where the real one should look at the message first, a wrong secret stays unseen.
 */
async function inDingtalk(name: string, { dingtalk }: Chat, { variables, tools }: Admitted): Promise<Finding[]> {
  const what = `chat ${name} in dingtalk`;
  if (dingtalk?.group)
    return [note(what, 'whether the app’s robot is in the group DingTalk does not say; the first message will')];
  const oapiEndpoint = openDingtalk(variables, tools)?.oapiEndpoint;
  if (!dingtalk?.robot || oapiEndpoint === undefined) return [];
  const { access_token: accessToken, secret } = dingtalk.robot;
  const url = robotUrl({ accessToken, secret }, { oapiEndpoint, clock: tools.clock });
  const { body } = await tools.http({ service: 'dingtalk', method: 'POST', url, headers: HEADERS, body: '{}' });
  return ROBOT_ANSWERS[oldErrcode(parseJson(body)) ?? '']?.(what) ?? [];
}

/** https://open.dingtalk.com/document/development/custom-robots-send-group-messages ; any other code is about the message. */
const NO_ROBOT = (what: string) => [
  error(
    what,
    'there is no such robot',
    'add a custom robot to the group, and set its token and secret in this shell; then deploy',
  ),
];
const ROBOT_ANSWERS: Record<string, (what: string) => Finding[]> = {
  '310000': (what) => [
    error(
      what,
      'its robot refuses the signature',
      'set the secret (SEC…) of the robot’s page in this shell, then deploy',
    ),
  ],
  '300001': NO_ROBOT,
  '300005': NO_ROBOT,
  '400101': NO_ROBOT,
  '400106': NO_ROBOT,
  '400013': (what) => [
    error(what, 'the group is dissolved', 'name another group in workflows.yaml, or a default_chat'),
  ],
  '400102': (what) => [error(what, 'its robot is switched off', 'switch it on in the group’s settings')],
};

async function inLark(name: string, { lark }: Chat, { variables, tools }: Admitted): Promise<Finding[]> {
  const what = `chat ${name} in lark`;
  const opened = openLark(variables, tools);
  if (!lark || !opened) return [];
  if (lark.chat_id !== undefined) return isMember(what, lark.chat_id, opened.client);
  if (!lark.bot) return [];
  const url = botUrl(lark.bot, opened.endpoint);
  const body = JSON.stringify(signed(lark.bot, tools));
  const answer = await tools.http({ service: 'lark', method: 'POST', url, headers: HEADERS, body });
  return BOT_ANSWERS[larkCode(parseJson(answer.body)) ?? '']?.(what) ?? [];
}

/** https://open.feishu.cn/document/ukTMukTMukTM/ucTM5YjL3ETO24yNxkjN ; any other code is about the message. */
const BOT_ANSWERS: Record<string, (what: string) => Finding[]> = {
  '19001': (what) => [
    error(what, 'there is no such bot', 'add a custom bot to the group, and set its token in this shell; then deploy'),
  ],
  '19021': (what) => [
    error(what, 'its bot refuses the signature', 'set the secret of the bot’s page in this shell, then deploy'),
  ],
};

const chatsSchema = z.object({
  items: z._default(z.array(z.object({ chat_id: z.string(), chat_status: z.optional(z.string()) })), []),
  has_more: z._default(z.boolean(), false),
  page_token: z.optional(z.string()),
});

/** https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/im-v1/chat/list : the groups that the bot is in. */
async function isMember(what: string, chatId: string, client: LarkClient): Promise<Finding[]> {
  try {
    for (let page_token: string | undefined = ''; page_token !== undefined; ) {
      const query: Record<string, string> = { page_size: '100', ...(page_token === '' ? {} : { page_token }) };
      const answer: z.infer<typeof chatsSchema> = await client.call(
        { method: 'GET', path: '/open-apis/im/v1/chats', query },
        chatsSchema,
      );
      const found = answer.items.find(({ chat_id }) => chat_id === chatId);
      if (found?.chat_status === 'dissolved')
        return [error(what, 'the group is dissolved', 'name another group in workflows.yaml, or a default_chat')];
      if (found) return [];
      page_token = answer.has_more ? answer.page_token : undefined;
    }
    return [error(what, 'the app’s bot is not in the group', 'add it: ··· > 设置 (settings) > 群机器人 (bots)')];
  } catch (fault) {
    // The credentials themselves are looked at with the app.
    if (!(fault instanceof PermanentError)) throw fault;
    if (fault.code === 'lark.99991672')
      return [
        note(what, 'whether the bot is in the group only the scope im:chat:read could tell, which is not granted'),
      ];
    return [warning(what, `cannot be looked up: ${fault.code}`, 'see what is said of the app of lark')];
  }
}
