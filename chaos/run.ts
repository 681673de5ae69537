import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { groupMessages } from '../local/cloud/group-messages.ts';
import { makeRoot } from '../local/cloud/make-root.ts';
import { createDisturbance } from './disturb.ts';
import { createDraws } from './draws.ts';
import { drive, EVERYTHING, unanswered } from './drive.ts';
import { everyWay } from './every-way.ts';
import { collectEvidence, readInstances } from './evidence.ts';
import type { ChaosOptions } from './options.ts';
import { judge } from './oracle.ts';
import { planOrders } from './orders.ts';
import type { Report } from './report.ts';

/** How far the clocks of the functions are off, in ms of their time. */
const CLOCK_SKEWS = { ingest: 4 * 60_000, dispatch: -3 * 60_000, notify: 2 * 60_000 };
/** In real seconds: a function that hangs must not hold up the whole run for the minute it has otherwise. */
const FUNCTION_TIMEOUT_S = 8;

/** One chaos run in a folder that is gone afterwards. */
export async function runChaos(
  options: ChaosOptions,
  tools: { root: string; signal: AbortSignal; say: (line: string) => void },
): Promise<Report> {
  const startedAt = Date.now();
  const { seed, faults, speed } = options;
  const draws = createDraws(seed);
  const disturbance = createDisturbance(draws);
  const folder = await mkdtemp(join(tmpdir(), 'approval-loop-chaos-'));
  const [root, directory] = [join(folder, 'root'), join(folder, 'cloud')];
  try {
    await makeRoot(tools.root, root, everyWay);
    const skews = faults > 0 ? { clockSkews: CLOCK_SKEWS } : {};
    const place = { root, directory, port: 0, eventWays: ['callback', 'connection'] as const };
    const pace = { speed, instanceSpeed: 1, functionTimeout: FUNCTION_TIMEOUT_S };
    const cloud = { ...place, ...pace, ...skews };
    const driven = await drive({
      ...tools,
      cloud,
      faults,
      draws,
      disturbance,
      orders: planOrders(options.approvals, draws),
    });
    // What people ask and the robot answers are plain texts: `asks.ts` reads them.
    const seen = {
      ...(await readInstances(driven.cloud.instances)),
      messages: groupMessages(driven.cloud).filter(({ title }) => title !== ''),
    };
    await driven.cloud.close();
    const { recordsBucket: records, workBucket: work } = driven.cloud.names;
    const evidence = await collectEvidence(directory, { records, work }, seen);
    const verdict = judge(driven.submitted, {
      ...evidence,
      welcomed: driven.welcomed,
      unanswered: unanswered(driven).map(({ order }) => order.employee),
    });
    return {
      ...verdict,
      repeats_after_crash: driven.repeats,
      ways: driven.ways,
      seed,
      duration_ms: Date.now() - startedAt,
      faults: disturbance.counts,
      not_drawn: faults > 0 ? EVERYTHING.filter((kind) => disturbance.counts[kind] === undefined) : [],
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
