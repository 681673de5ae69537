import * as z from 'zod/mini';
import { textVariable, urlVariable } from '../../config/environment.ts';

/** What both sides need. The endpoints are for the embedded cloud. */
const common = {
  DINGTALK_CORP_ID: textVariable,
  DINGTALK_OAPI_ENDPOINT: z._default(urlVariable, 'https://oapi.dingtalk.com'),
  DINGTALK_API_ENDPOINT: z._default(urlVariable, 'https://api.dingtalk.com'),
};

/** A second app, which alone starts approvals where it is set: the first needs no permission for it then. */
export const START_APP = ['DINGTALK_START_APP_KEY', 'DINGTALK_START_APP_SECRET'] as const;

/** What reads approvals, and opens a connection for their events. */
export const appEnvironmentSchema = z.object({
  ...common,
  DINGTALK_APP_KEY: textVariable,
  DINGTALK_APP_SECRET: textVariable,
  DINGTALK_START_APP_KEY: z.optional(textVariable),
  DINGTALK_START_APP_SECRET: z.optional(textVariable),
});

export const sourceEnvironmentSchema = z.extend(appEnvironmentSchema, {
  DINGTALK_CALLBACK_TOKEN: textVariable,
  DINGTALK_CALLBACK_AES_KEY: z
    .string()
    .check(z.regex(/^[A-Za-z0-9+/]{43}$/, 'must be the 43 characters of EncodingAESKey')),
  /** Owner keys that may stand behind a callback's message, with commas. Default: app key and corp id. */
  DINGTALK_CALLBACK_OWNER_KEYS: z.optional(textVariable),
  /** With which the address for presses on cards was registered. Without it none is taken over HTTP. */
  DINGTALK_CARD_SECRET: z.optional(textVariable),
});

/** Custom robots need nothing more; the app's own robot, cards and comments need the app's credentials. */
export const messengerEnvironmentSchema = z.object({
  ...common,
  DINGTALK_APP_KEY: z.optional(textVariable),
  DINGTALK_APP_SECRET: z.optional(textVariable),
  /** The key under which that address was registered. Without it presses come by the connector. */
  DINGTALK_CARD_ROUTE: z.optional(textVariable),
});
