import * as z from 'zod/mini';

/** Where messages go, by platform: a robot that only sends, or a group that our own app's robot is a member of. */

const text = (max: number) => z.string().check(z.minLength(1), z.maxLength(max));

/** A group's own custom robot (webhook with signature): nothing to set up in the app, and its messages cannot change. */
const robot = z.strictObject({ access_token: text(256), secret: text(256) });

/** A group with the app's own robot in it; with a card template one message lives through the whole request. */
const group = z.strictObject({
  /** `openConversationId`, `cid…` */
  conversation: text(256),
  /** Default: the app key. */
  robot_code: z.optional(text(128)),
  /** Id of the published card template, `….schema` */
  card_template: z.optional(text(128)),
});

/** A group's custom bot: its messages cannot change. Without a secret the bot is protected by other means. */
const bot = z.strictObject({ token: text(256), secret: z.optional(text(256)) });

const exactlyOne = (chat: object) => Object.keys(chat).length === 1;

export const chatSchema = z.strictObject({
  dingtalk: z.optional(
    z
      .strictObject({ robot: z.optional(robot), group: z.optional(group) })
      .check(z.refine(exactlyOne, 'exactly one of robot, group is needed')),
  ),
  lark: z.optional(
    z
      .strictObject({
        bot: z.optional(bot),
        /** A group with the app's own bot in it, `oc_…`: one card lives through the whole request. */
        chat_id: z.optional(text(128)),
      })
      .check(z.refine(exactlyOne, 'exactly one of bot, chat_id is needed')),
  ),
});

export type Chat = z.infer<typeof chatSchema>;
