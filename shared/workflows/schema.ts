import * as z from 'zod/mini';
import { chatSchema } from './chat-schema.ts';
import { httpSourceSchema } from './http-source-schema.ts';

/**
 * `workflows.yaml`: reviewed in git, validated at build and at start, bundled into the functions. Strict: a key that
 * is not known is a fault. Texts under `on`, `run` and `chats` may hold `${NAME}`, which is read from the function's environment.
 */

const text = (max: number) => z.string().check(z.minLength(1), z.maxLength(max));
const name = z
  .string()
  .check(z.regex(/^[a-z][a-z0-9_-]{0,31}$/, 'a name is 1 to 32 of a-z, 0-9, _ and -, starting with a letter'));
const parameterName = z
  .string()
  .check(z.regex(/^[a-z][a-z0-9_]{0,31}$/, 'a parameter name is 1 to 32 of a-z, 0-9 and _, starting with a letter'));

/** A value that Cloud Assistant may paste into a script between single quotes, and that no agent expands further. */
const SAFE_VALUE = /^[ !-&(-[\]-z|~]*$/;

export function isSafeValue(value: string): boolean {
  return SAFE_VALUE.test(value);
}

const safeValue = text(128).check(z.refine(isSafeValue, "printable ASCII without ' \\ { }"));
const options = z
  .record(text(128), safeValue)
  .check(z.refine((map) => Object.keys(map).length > 0, 'a map from option to text needs an entry'));
const pattern = text(512).check(z.refine(isPattern, 'not a regular expression'));

/** As people write it to the robot of a group. */
const word = z
  .string()
  .check(
    z.regex(/^[^\s=＝:："“”]{1,32}$/u, 'a word of 1 to 32 characters without blanks, equals signs, colons and quotes'),
  );

/** Which form field a parameter comes from: the component's id, its business alias or its label; one for all platforms or one each. */
const field = z.union(
  [text(128), z.strictObject({ dingtalk: z.optional(text(128)), lark: z.optional(text(128)) })],
  'must be a text, or a map with a text for each platform',
);

/** Every parameter has exactly one allow-list: a list of values, a map from option to value, a pattern, or a length for free text. */
export const parameterSchema = z
  .strictObject({
    field,
    one_of: z.optional(
      z.union(
        [z.array(safeValue).check(z.minLength(1), z.maxLength(100)), options],
        'must be a list of 1 to 100 texts, or a map from option to text',
      ),
    ),
    /** Matches the whole value. */
    pattern: z.optional(pattern),
    /** Free text: it travels Base64-encoded and the script decodes it. */
    text: z.optional(z.boolean()),
    /** In bytes of UTF-8; by default 64 for a pattern or free text, and whatever is on the list for a list. */
    max_length: z.optional(z.int().check(z.minimum(1), z.maximum(4096))),
    optional: z.optional(z.boolean()),
    /** What is accepted, in words for the people who fill in the form. */
    hint: z.optional(text(128)),
    /** Other names under which people write it to the robot of a group. */
    aliases: z.optional(z.array(word).check(z.maxLength(10))),
  })
  .check(
    z.refine(
      ({ one_of, pattern, text }) =>
        [one_of, pattern, text || undefined].filter((rule) => rule !== undefined).length === 1,
      'a parameter needs exactly one of one_of, pattern, text',
    ),
  );
export type Parameter = z.infer<typeof parameterSchema>;

const commandArgument = z
  .string()
  .check(
    z.regex(
      /^(\{\{[a-z][a-z0-9_]{0,31}\}\}|[A-Za-z0-9_.,:=@%+/-]{1,128})$/,
      'an argument is plain text or one {{parameter}}',
    ),
  );

export const commandSchema = z.strictObject({
  /** A script of this repository. */
  script: z
    .string()
    .check(z.regex(/^[A-Za-z0-9_-][A-Za-z0-9_.-]*(\/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*$/, 'a path inside the repository')),
  /** Where `setup` puts it on the instances (SendFile). Without it the script itself is sent with each run (RunCommand). */
  path: z.optional(
    z
      .string()
      .check(
        z.regex(/^(\/(?!\.\.?(\/|$))[A-Za-z0-9_.-]+){2,8}$/, 'an absolute path with a folder, without blanks and ..'),
      ),
  ),
  arguments: z.array(commandArgument).check(z.maxLength(40)),
});
export type Command = z.infer<typeof commandSchema>;

export const LANGUAGES = ['zh-CN', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];

/** `fail`, or `wait` and for how long. */
const OFFLINE = /^(fail|wait ([1-9][0-9]{0,2}m|([1-9]|1[0-9]|2[0-4])h))$/;

/** Ids, or a map from the value of a parameter to ids; one text may hold several with commas. */
const instances = z.union(
  [
    z.array(text(1024)).check(z.minLength(1), z.maxLength(100)),
    z.strictObject({ parameter: parameterName, map: z.record(text(128), text(1024)) }),
  ],
  'must be a list of 1 to 100 texts, or a parameter and a map from its values to texts',
);

/** Not a secret: it stands in the file, not in the environment. */
const personId = z.string().check(z.regex(/^[A-Za-z0-9_@.-]{1,128}$/, 'the id of a person, as the platform has it'));
const personIds = z.array(personId).check(z.minLength(1), z.maxLength(20));
/** `operators`, `requester`, `approvers`, or a person by the platform's id. */
const pressers = z.optional(personIds);
const onePerPlatform = { dingtalk: z.optional(name), lark: z.optional(name) };

const workflowSchema = z.strictObject({
  title: text(64),
  /** What people write to the robot of a group to ask for it, the first one as help names it. */
  words: z.optional(z.array(word).check(z.minLength(1), z.maxLength(10))),
  /** The groups in which they may. */
  chats: z.optional(z.array(name).check(z.minLength(1), z.maxLength(50))),
  on: z.strictObject({
    dingtalk: z.optional(z.strictObject({ process_code: text(128) })),
    lark: z.optional(z.strictObject({ approval_code: text(128) })),
  }),
  parameters: z.record(parameterName, parameterSchema),
  approvers: z._default(
    z.strictObject({
      /** How many people, never counting the requester, must really have pressed "agree". */
      min: z._default(z.int().check(z.minimum(1), z.maximum(20)), 1),
      /** `any`, or the platform's ids of those who count. */
      from: z._default(
        z.union([z.literal('any'), z.array(text(128)).check(z.minLength(1))], 'must be any, or a list of ids'),
        'any',
      ),
    }),
    { min: 1, from: 'any' },
  ),
  /** `observe`: everything but the command; the message says what would run. */
  mode: z._default(z.enum(['run', 'observe']), 'run'),
  run: z.strictObject({
    command: name,
    instances,
    /** Seconds; Cloud Assistant accepts 10 and more. */
    timeout: z._default(z.int().check(z.minimum(10), z.maximum(86_400)), 60),
    /** What becomes of instances whose agent does not answer: they fail, or they run when it does. */
    offline: z._default(
      z.string().check(z.regex(OFFLINE, 'fail, or wait and a time of 1m to 999m or 1h to 24h: wait 2h')),
      'fail',
    ),
  }),
  /** What undoes the run when its approval is revoked: a command with the same parameters. */
  revoke: z.optional(z.strictObject({ command: name })),
  /** What a revocation does: `auto` runs `revoke`, `ask` tells the people of the chat and leaves it to them. */
  on_revoke: z._default(z.enum(['auto', 'ask']), 'ask'),
  /** More runs than this within an hour pause the workflow until a person has looked. */
  limits: z.optional(z.strictObject({ per_hour: z.int().check(z.minimum(1), z.maximum(1000)) })),
  /** Requests with the same value of this parameter run one after the other. */
  lock: z.optional(parameterName),
  chat: z.strictObject({
    ...onePerPlatform,
    /** A parameter whose value is the name of the chat: who asks chooses among those on its list. */
    parameter: z.optional(parameterName),
  }),
  /** On a channel whose messages cannot change: say also when the run starts. */
  start_message: z._default(z.boolean(), false),
  /** Who is called by name in the final message. */
  mention: z._default(z.array(z.enum(['requester', 'approvers'])), ['requester']),
  /** Who may press which button of a message; without it there are none. */
  buttons: z.optional(z.strictObject({ stop: pressers, retry: pressers, output: pressers })),
  /** In whose name the result is written on the approval itself: a user id of DingTalk, an open id of Lark. */
  comment_as: z.optional(z.strictObject({ dingtalk: z.optional(personId), lark: z.optional(personId) })),
  language: z._default(z.enum(LANGUAGES), 'zh-CN'),
  /** An IANA zone for the times that people read. */
  time_zone: z._default(
    z.string().check(z.refine(isTimeZone, 'not a time zone, for example Asia/Shanghai')),
    'Asia/Shanghai',
  ),
});
export type Workflow = z.infer<typeof workflowSchema>;

const quotaSchema = z.strictObject({ api: z.int().check(z.minimum(1)), webhook: z.int().check(z.minimum(1)) });

export const workflowsSchema = z.strictObject({
  /** What the platforms let the organisation use in a month; by default what DingTalk's free edition has. */
  quota: z._default(z.strictObject({ dingtalk: z.optional(quotaSchema), lark: z.optional(quotaSchema) }), {
    dingtalk: { api: 5000, webhook: 3000 },
  }),
  chats: z.record(name, chatSchema),
  /** Where a message goes when the chats of its workflow cannot be reached. */
  default_chat: z.optional(z.strictObject(onePerPlatform)),
  /** Who is told in private when no chat can be reached: user ids of DingTalk, open ids of Lark. */
  operators: z.optional(z.strictObject({ dingtalk: z.optional(personIds), lark: z.optional(personIds) })),
  http_source: z.optional(httpSourceSchema),
  commands: z.record(name, commandSchema),
  workflows: z.record(name, workflowSchema),
});
export type Workflows = z.infer<typeof workflowsSchema>;

function isPattern(source: string): boolean {
  try {
    // On its own: `a)|(b` would be an expression only within the group that compilePattern puts around it.
    return new RegExp(source, 'u') instanceof RegExp;
  } catch {
    return false;
  }
}

/** A pattern of workflows.yaml as the expression it stands for: the whole value, by code points. */
export function compilePattern(source: string): RegExp {
  return new RegExp(`^(?:${source})$`, 'u');
}

function isTimeZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
