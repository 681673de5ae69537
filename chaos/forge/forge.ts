import type { Cloud } from '../../local/cloud/cloud.ts';
import type { PlatformName } from '../../shared/ids.ts';
import type { Draws } from '../draws.ts';
import type { Submitted } from '../made-by.ts';
import { peopleHttp } from '../people-http.ts';
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

/** Tries what a stranger may: events need a key to the bus, callbacks nothing but the URL. */
export async function forge(options: ForgeOptions): Promise<Forgery> {
  const { draws, cloud } = options;
  const platform = draws.pick<PlatformName>('forge/platform', ['dingtalk', 'lark']);
  const nobody = `forged-${Math.floor(draws.next('forge/id') * 1e9)}`;
  const kind = draws.pick('forge/kind', ['event_unknown', 'event_of_other', 'callback']);
  if (kind === 'callback') return forgeCallback(platform, nobody, options);
  const other = options.submitted[Math.floor(draws.next('forge/other') * options.submitted.length)];
  const requestId = kind === 'event_of_other' ? other?.requestId : undefined;
  await forgeEvent(requestId ?? `${platform}.${nobody}`, draws, cloud);
  return { attempt: kind };
}

/** Most tempting is what the approver has declined. */
async function forgeCallback(platform: PlatformName, nobody: string, options: ForgeOptions): Promise<Forgery> {
  const { draws, submitted, cloud } = options;
  const isTempting = ({ order }: Submitted) => order.expected === 'nothing' && order.platform === platform;
  const declined = draws.next('forge/target') < 0.5 ? submitted.findLast(isTempting) : undefined;
  const instanceId = declined?.requestId.slice(`${platform}.`.length) ?? nobody;
  if (platform === 'dingtalk') {
    const attempt = draws.weighted('forge/dingtalk', dingtalkForgery.attempts) ?? 'token';
    return { attempt, status: await post(dingtalkForgery.forge(attempt, instanceId, cloud), cloud) };
  }
  const attempt = draws.weighted('forge/lark', larkForgery.attempts) ?? 'token';
  return { attempt: `lark_${attempt}`, status: await post(larkForgery.forge(attempt, instanceId, cloud), cloud) };
}

async function post({ query, headers, body }: ForgedCallback, { ingestUrl }: Cloud): Promise<number> {
  const json = { 'content-type': 'application/json', ...headers };
  const url = `${ingestUrl}/${query}`;
  return (await peopleHttp({ service: 'forger', method: 'POST', url, headers: json, body })).status;
}
