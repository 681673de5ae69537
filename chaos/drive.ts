import { setTimeout as sleep } from 'node:timers/promises';
import type { Cloud, CloudOptions } from '../local/cloud/cloud.ts';
import { startCloud } from '../local/cloud/start-cloud.ts';
import { TransientError } from '../shared/errors.ts';
import { type Ask, ask, readAnswers } from './asks.ts';
import { submitAndDecide } from './desk.ts';
import { DISTURBANCES, type Disturbance, type Outage } from './disturb.ts';
import type { Draws } from './draws.ts';
import { listNames } from './evidence.ts';
import { FORGERIES, forge } from './forge/forge.ts';
import { type KeptConnector, keepConnector } from './keep-connector.ts';
import { killNowAndThen } from './kill.ts';
import type { Submitted } from './made-by.ts';
import type { Order } from './orders.ts';
import { postHint } from './post-hint.ts';

export interface DriveOptions {
  cloud: CloudOptions & { speed: number };
  orders: readonly Order[];
  faults: number;
  draws: Draws;
  disturbance: Disturbance;
  /** One line about how far it is. */
  say: (line: string) => void;
  signal: AbortSignal;
}

/** So many requests are under way at most: each takes processes and patience. */
const MAX_OPEN = 64;
const POLL_MS = 200;
const SHARE_OF_POSTED = 0.3;
/** Of the cloud's time. */
const OUTAGE_MS = 10 * 60_000;
/** On a slow machine it goes on until it has been met so often, but not for ever. */
const OUTAGE_MET = 5;
const OUTAGE_MOST_MS = 60 * 60_000;
/** After the last approval, faults go on so long; then there are none, so that the end comes. */
const ROUGH_MS = 30 * 60_000;
const GIVE_UP_MS = 24 * 3_600_000;

/** What happens when so many of the approvals are submitted. */
const MISHAPS = [
  [0.25, 'bus outage'],
  [0.45, 'chat outage'],
  [0.65, 'restart'],
] as const;

/** Everything that may happen to a run, as the disturbance counts it. */
export const EVERYTHING = [
  ...DISTURBANCES,
  ...FORGERIES.map((attempt) => `forged_${attempt}`),
  ...['bus_outage', 'chat_outage', 'cloud_restart', 'process_kill', 'connector_kill', 'connection_cut'],
  ...['bus_unreachable', 'chat_unreachable'],
];

/** A cloud on its way through the approvals; it is another one after the restart. */
export interface Drive {
  cloud: Cloud;
  connector: KeptConnector;
  submitted: Submitted[];
  /** What people ask the robot of a group; from the answer on it is submitted too. */
  asks: Ask[];
  repeats: number;
  /** Forged callbacks that were answered with success. */
  welcomed: number;
  /** How often the loop was told by each way beside the callbacks: a way that nothing took would show no fault. */
  ways: { connection: number; posted: number };
}

/** Lets people submit everything while things fail, and waits until nothing is under way or patience ends. */
export async function drive(options: DriveOptions): Promise<Drive> {
  const cloud = await startCloud(options.cloud);
  const connector = keepConnector(cloud);
  const state: Drive = {
    cloud,
    connector,
    submitted: [],
    asks: [],
    repeats: 0,
    welcomed: 0,
    ways: { connection: 0, posted: 0 },
  };
  const stopKilling = new AbortController();
  const killing = killNowAndThen(state, options, AbortSignal.any([stopKilling.signal, options.signal]));
  try {
    await firstLook(state.cloud, options.signal);
    attend(state, options);
    await submitAll(state, options);
    await settle(state, options);
    return state;
  } catch (error) {
    state.connector.release();
    await state.cloud.close();
    throw error;
  } finally {
    stopKilling.abort();
    await killing;
    state.connector.release();
  }
}

/** Approvals that were granted before the loop first looked at the platform's lists are none of its business. */
async function firstLook({ activity }: Cloud, signal: AbortSignal): Promise<void> {
  let looked = false;
  const stop = activity.watch(({ message }) => {
    looked ||= message === 'reconciled';
  }, 0);
  for (let waited = 0; !looked && waited < 60_000; waited += POLL_MS) await pause(POLL_MS, signal);
  stop();
}

/** Puts the disturbance in front of a cloud and counts what the channel showed only once. */
function attend(state: Drive, { disturbance, faults }: DriveOptions): void {
  state.cloud.faults.use(disturbance.source);
  disturbance.set(faults);
  state.cloud.activity.watch(({ message }) => {
    if (message === 'message repeated') state.repeats += 1;
    if (message === 'event verified') state.ways.connection += 1;
  });
}

async function submitAll(state: Drive, options: DriveOptions): Promise<void> {
  const { orders, draws, disturbance, faults, say, signal } = options;
  const mishaps = MISHAPS.filter(() => faults > 0).map(([share, what]) => ({
    at: Math.floor(share * orders.length),
    what,
  }));
  const strangers: Promise<void>[] = [];
  const outages: Promise<void>[] = [];
  for (const [index, order] of orders.entries()) {
    const open = await untilFewer(MAX_OPEN, state, options, GIVE_UP_MS);
    const mishap = mishaps.find(({ at }) => at === index)?.what;
    if (mishap === 'restart') {
      say(`${index} submitted, ${open} under way: the whole cloud stops and starts again`);
      await restart(state, options);
    } else if (mishap) {
      say(`${index} submitted, ${open} under way: ${mishap}`);
      disturbance.count(mishap.replace(' ', '_'));
      outages.push(outage(mishap === 'bus outage' ? 'bus' : 'chat', options));
    }
    if (order.from === 'group') state.asks.push(await ask(order, state.cloud, nowOf(state.cloud)));
    else await submit(order, state, options);
    if (draws.next('forge') * 100 < faults) strangers.push(strike(state, options));
    if (index % 50 === 49) say(`${index + 1} submitted, ${open} under way`);
    signal.throwIfAborted();
  }
  await Promise.all([...strangers, ...outages]);
}

/** The company's own flow tells of some as well. */
async function submit(order: Order, state: Drive, { draws }: DriveOptions): Promise<void> {
  const requestId = await submitAndDecide(order, state.cloud);
  state.submitted.push({ requestId, order });
  if (draws.next('flow') > SHARE_OF_POSTED) return;
  await postHint(order.platform, requestId.slice(`${order.platform}.`.length), state.cloud);
  state.ways.posted += 1;
}

/** A stranger tries to have something run that nobody has approved. */
async function strike(state: Drive, { draws, disturbance }: DriveOptions): Promise<void> {
  try {
    const { attempt, status } = await forge({ ...state, draws });
    disturbance.count(`forged_${attempt}`);
    if (status !== undefined && status < 300) state.welcomed += 1;
  } catch (error) {
    // Whom it was meant for may just be down.
    if (!(error instanceof TransientError)) throw error;
  }
}

async function restart(state: Drive, options: DriveOptions): Promise<void> {
  options.disturbance.count('cloud_restart');
  const origin = state.cloud.pace.origin;
  state.connector.release();
  await state.cloud.close();
  state.cloud = await startCloud({ ...options.cloud, clockOrigin: origin });
  state.connector = keepConnector(state.cloud);
  attend(state, options);
}

/** Ends early when the run is interrupted. */
async function outage(what: Outage, { disturbance, cloud, signal }: DriveOptions): Promise<void> {
  const { outages, counts } = disturbance;
  const met = () => counts[`${what}_unreachable`] ?? 0;
  outages.add(what);
  const goesOn = (ms: number) => ms < OUTAGE_MS || (met() < OUTAGE_MET && ms < OUTAGE_MOST_MS);
  for (let ms = 0; goesOn(ms) && !signal.aborted; ms += POLL_MS * cloud.speed)
    await pause(POLL_MS, signal).catch(() => undefined);
  outages.delete(what);
}

/** Faults go on for a while after the last approval; then the rest has calm. */
async function settle(state: Drive, options: DriveOptions): Promise<void> {
  const { disturbance, say } = options;
  say(`all ${options.orders.length} submitted`);
  const rough = await untilFewer(1, state, options, ROUGH_MS);
  disturbance.set(0);
  disturbance.outages.clear();
  if (rough > 0) say(`${rough} still under way, no more faults from here`);
  const left = await untilFewer(1, state, options, GIVE_UP_MS);
  if (left > 0) say(`${left} never ended`);
}

/** Waits until fewer than `limit` requests are under way, at most `ms` of the cloud's time; gives how many there are. */
async function untilFewer(limit: number, state: Drive, { cloud, signal }: DriveOptions, ms: number): Promise<number> {
  const until = Date.now() + ms / cloud.speed;
  for (;;) {
    await hearAnswers(state);
    const open = (await countOpen(state, cloud.directory)) + unanswered(state).length;
    if (open < limit || Date.now() > until) return open;
    await pause(POLL_MS, signal);
  }
}

async function hearAnswers(state: Drive): Promise<void> {
  const heard = await readAnswers(state.asks, state.cloud, nowOf(state.cloud));
  state.asks = heard.asks;
  state.submitted.push(...heard.submitted);
}

export function unanswered({ asks }: Pick<Drive, 'asks'>): Ask[] {
  return asks.filter(({ approvals }) => approvals.size === 0);
}

/** The cloud's time. */
function nowOf({ pace: { speed, origin } }: Cloud): number {
  return origin + (Date.now() - origin) * speed;
}

/** A request is over when it has a first record and no marker any more. */
async function countOpen({ submitted, cloud }: Drive, directory: string): Promise<number> {
  const awaited = submitted.filter(({ order }) => order.expected !== 'nothing');
  if (awaited.length === 0) return 0;
  const accepted = await listNames(directory, cloud.names.recordsBucket, 'accepted');
  const open = await listNames(directory, cloud.names.workBucket, 'open');
  return awaited.filter(({ requestId }) => open.has(requestId) || !accepted.has(`${requestId}.json`)).length;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return sleep(ms, undefined, { signal });
}
