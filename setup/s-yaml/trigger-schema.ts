import * as z from 'zod';
import { accepted, matching, oneOf, text, truth } from './accepted.ts';

const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'PATCH', 'OPTIONS'];

/** The tool's schema lets any map pass as `triggerConfig`. */
export const triggerSchema = z.strictObject({
  triggerName: matching(
    /^[A-Za-z_][A-Za-z0-9_-]{0,127}$/,
    '1 to 128 of A-Z, a-z, 0-9, _ and -, not beginning with a digit or -',
  ),
  triggerType: accepted<'http' | 'timer'>(
    (value) => value === 'http' || value === 'timer',
    'http or timer: events come by rules that setup makes, and an unchanged eventbridge trigger hides those after it',
  ),
  description: text.optional(),
  triggerConfig: z.unknown(),
});

/** `@every 1h30m`, or six fields with seconds first: https://www.alibabacloud.com/help/en/functioncompute/fc/time-triggers */
const CRON = /^(@every (?=\d*[1-9])(\d+[smh])+|(CRON_TZ=\S+ +)?(\S+ +){5}\S+)$/;

export const triggerConfigSchemas = {
  http: z.strictObject({
    // Chat platforms cannot sign for Alibaba Cloud.
    authType: oneOf('anonymous'),
    disableURLInternet: oneOf(false).optional(),
    methods: z.array(oneOf(...METHODS)).min(1, 'must name a method, such as [POST]'),
  }),
  timer: z.strictObject({
    cronExpression: matching(CRON, `'@every <n>m' above zero, or a cron of six fields, seconds first`),
    enable: truth,
    payload: text.optional(),
  }),
};
