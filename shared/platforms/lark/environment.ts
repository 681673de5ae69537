import * as z from 'zod/mini';
import { textVariable, urlVariable } from '../../config/environment.ts';

/** Feishu in China, Lark everywhere else: two clouds with the same API. */
const HOSTS = { feishu: 'https://open.feishu.cn', lark: 'https://open.larksuite.com' } as const;

/** Which of them, or an address of its own, which is for the embedded cloud. */
export const endpointVariables = {
  LARK_DOMAIN: z._default(z.enum(['feishu', 'lark'], 'must be feishu or lark'), 'feishu'),
  LARK_ENDPOINT: z.optional(urlVariable),
};

/** A second app, which alone starts approvals where it is set: the first needs no scope for it then. */
export const START_APP = ['LARK_START_APP_ID', 'LARK_START_APP_SECRET'] as const;

/** What reads approvals, and opens a connection for their events. */
export const appEnvironmentSchema = z.object({
  ...endpointVariables,
  LARK_APP_ID: textVariable,
  LARK_APP_SECRET: textVariable,
  LARK_START_APP_ID: z.optional(textVariable),
  LARK_START_APP_SECRET: z.optional(textVariable),
  /** The company, as records name it. Default: the app's id, for an app of one's own belongs to one company. */
  LARK_TENANT_KEY: z.optional(textVariable),
});

export const sourceEnvironmentSchema = z.extend(appEnvironmentSchema, {
  LARK_VERIFICATION_TOKEN: textVariable,
  /** With it callbacks must be encrypted and signed. */
  LARK_ENCRYPT_KEY: z.optional(textVariable),
});

/** Custom bots need no more than the app's id; the app's own bot and comments need its secret. */
export const messengerEnvironmentSchema = z.object({
  ...endpointVariables,
  LARK_APP_ID: textVariable,
  LARK_APP_SECRET: z.optional(textVariable),
});

export function endpointOf(environment: {
  LARK_DOMAIN: keyof typeof HOSTS;
  LARK_ENDPOINT?: string | undefined;
}): string {
  return environment.LARK_ENDPOINT ?? HOSTS[environment.LARK_DOMAIN];
}
