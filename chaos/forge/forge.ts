import type { Cloud } from '../../local/cloud/cloud.ts';
import type { PlatformName } from '../../shared/ids.ts';
import type { Draws } from '../draws.ts';
import type { Submitted } from '../made-by.ts';
import { peopleHttp } from '../people-http.ts';
import { postHint } from '../post-hint.ts';
import { dingtalkForgery } from './dingtalk-callback.ts';
import { forgeEvent } from './event.ts';
import type { ForgedCallback } from './forged-callback.ts';
import { larkForgery } from './lark-callback.ts';

export interface ForgeOptions {
  cloud: Cloud;
  /** Real requests, which a forgery may be about. */
  submitted: readonly Submitted[];
  draws: Draws;
}

export interface Forgery {
  attempt: string;
  /** Set if it was a callback: the status of its answer. */
  status?: number;
}

const EVENTS = ['event_unknown', 'event_of_other'] as const;
const POSTS = ['post_unknown', 'post_declined'] as const;
const OF_DINGTALK = dingtalkForgery.attempts.map((attempt) => ({ platform: 'dingtalk', attempt }) as const);
const OF_LARK = larkForgery.attempts.map((attempt) => ({ platform: 'lark', attempt }) as const);
type Callback = (typeof OF_DINGTALK)[number] | (typeof OF_LARK)[number];
const ALL = [...EVENTS, ...POSTS, ...OF_DINGTALK, ...OF_LARK] as const;

/** What a stranger tries, by name. */
export const FORGERIES = [...EVENTS, ...POSTS, ...OF_DINGTALK.map(nameOf), ...OF_LARK.map(nameOf)];

/** Tries what a stranger may, one thing after the other: events need a key to the bus, the rest nothing but the URL. */
export async function forge(options: ForgeOptions): Promise<Forgery> {
  const { draws, cloud } = options;
  const platform = draws.pick<PlatformName>('forge/platform', ['dingtalk', 'lark']);
  const nobody = `forged-${Math.floor(draws.next('forge/id') * 1e9)}`;
  const what = draws.turn<(typeof ALL)[number]>('forge/what', ALL);
  if (typeof what === 'object') return { attempt: nameOf(what), status: await forgeCallback(what, nobody, options) };
  if (what === 'post_unknown' || what === 'post_declined') {
    const id = what === 'post_declined' ? declinedOn(platform, options.submitted) : undefined;
    await postHint(platform, id ?? nobody, cloud);
    return { attempt: what };
  }
  const other = options.submitted[Math.floor(draws.next('forge/other') * options.submitted.length)];
  const requestId = what === 'event_of_other' ? other?.requestId : undefined;
  await forgeEvent(requestId ?? `${platform}.${nobody}`, draws, cloud);
  return { attempt: what };
}

function nameOf({ platform, attempt }: Callback): string {
  return `${platform}_${attempt}`;
}

/** Most tempting is what the approver has declined: the last instance of those. */
function declinedOn(platform: PlatformName, submitted: readonly Submitted[]): string | undefined {
  const isTempting = ({ order }: Submitted) => order.expected === 'nothing' && order.platform === platform;
  return submitted.findLast(isTempting)?.requestId.slice(`${platform}.`.length);
}

function forgeCallback(what: Callback, nobody: string, { draws, submitted, cloud }: ForgeOptions): Promise<number> {
  const declined = draws.next('forge/target') < 0.5 ? declinedOn(what.platform, submitted) : undefined;
  const instanceId = declined ?? nobody;
  const callback =
    what.platform === 'dingtalk'
      ? dingtalkForgery.forge(what.attempt, instanceId, cloud)
      : larkForgery.forge(what.attempt, instanceId, cloud);
  return post(callback, cloud);
}

async function post({ query, headers, body }: ForgedCallback, { ingestUrl }: Cloud): Promise<number> {
  const json = { 'content-type': 'application/json', ...headers };
  const url = `${ingestUrl}/${query}`;
  return (await peopleHttp({ service: 'forger', method: 'POST', url, headers: json, body })).status;
}
