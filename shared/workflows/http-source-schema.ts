import * as z from 'zod/mini';

/** The event of EventBridge's own HTTP event source: https://help.aliyun.com/zh/eventbridge/user-guide/create-a-custom-event-source-of-the-http-or-https-events-type */
export const HTTP_EVENT = 'eventbridge:Events:HTTPEvent';

/** Where in the event's data a value stands. */
const path = z
  .string()
  .check(
    z.regex(
      /^(body|queryString)(\.[^\s."'\\]{1,64}){1,8}$/u,
      'body or queryString and the names that lead to the value: body.processInstanceId',
    ),
  );

const platformSchema = z
  .strictObject({
    /** The bus and the HTTP event source that the flow posts to. Without both, `setup` makes the source on our own bus. */
    bus: z.optional(
      z.string().check(z.regex(/^[A-Za-z0-9][A-Za-z0-9-]{1,126}$/, 'a bus is 2 to 127 of A-Z, a-z, 0-9 and -')),
    ),
    source: z.optional(
      z.string().check(z.regex(/^[A-Za-z0-9.-]{1,127}$/, 'an event source is 1 to 127 of A-Z, a-z, 0-9, - and .')),
    ),
    /** Where the id of the approval instance stands. */
    instance_id: path,
    /** Where the template's code stands, which is tried first; without it every template of the platform is. */
    code: z.optional(path),
  })
  .check(z.refine(({ bus, source }) => (bus === undefined) === (source === undefined), 'bus and source go together'));

/** The third way in: approvals that a flow of the company posts to an HTTP event source. Absent: it is closed. */
export const httpSourceSchema = z
  .strictObject({
    /** Look-ups that what was posted may cause in a day (UTC); beyond it hints are refused until the next one. */
    daily_lookups: z._default(z.int().check(z.minimum(1), z.maximum(1000)), 200),
    dingtalk: z.optional(platformSchema),
    lark: z.optional(platformSchema),
  })
  .check(z.refine(({ dingtalk, lark }) => dingtalk !== undefined || lark !== undefined, 'needs dingtalk or lark'));
export type PlatformHttpSource = z.infer<typeof platformSchema>;

/** What a flow of this platform posts to, where `setup` makes it. */
export function ownHttpSource(platform: string): string {
  return `${platform}.http`;
}
