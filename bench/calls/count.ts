import { followRequest } from '../../cli/approval/follow-request.ts';
import { findNamed } from '../../cli/approval/form-values.ts';
import { openDesk } from '../../cli/approval/open-desk.ts';
import { readExampleForm } from '../../cli/demo/example-form.ts';
import type { LocalCloud } from '../../cli/local-cloud.ts';
import type { FaultSource } from '../../local/faults.ts';
import { PLATFORM_NAMES, type PlatformName, requestIdOf } from '../../shared/ids.ts';
import type { FunctionName } from '../../shared/request/next-step.ts';

const WORKFLOW = 'onboarding';
const FUNCTION_NAMES = ['ingest', 'dispatch', 'notify'] as const;

/** How often each thing happened, by its name: `invoke ingest`, `oss PutObject`. */
export type Counts = Readonly<Record<string, number>>;

/** The cloud's time runs so slowly that a sweep hardly ever comes into a count, nor a callback a second time. */
export const PACE = { speed: 0.1, instanceSpeed: 1 };

/** How long nothing must happen for a request to have left nothing under way. */
const QUIET_MS = 500;

/** What one approval makes the functions do, and what its mere submission did. */
export interface ApprovalCounts {
  submitted: Counts;
  approved: Counts;
}

/**
 * Invocations of each function, and its calls by service and operation, each of them in a process that knows nothing
 * yet. Sweeps are left out: they come whether there are approvals or not.
 */
export async function countApproval(local: LocalCloud, root: string, platform: PlatformName): Promise<ApprovalCounts> {
  const values = await readExampleForm(root, WORKFLOW, findNamed(local.cloud.workflows, WORKFLOW), platform);
  await firstLook(local);
  return untilAlone(() => countOnce(local, platform, values));
}

async function countOnce(local: LocalCloud, platform: PlatformName, values: Readonly<Record<string, string>>) {
  const { cloud, description } = local;
  for (const name of FUNCTION_NAMES) await cloud.functions.killInstances(cloud.names.function(name));
  const desk = await openDesk(description, platform);
  const [submitted, approved] = [createCounter(local), createCounter(local)];
  cloud.faults.use(submitted.source);
  const instanceId = await desk.submit({ workflow: WORKFLOW, requester: 'zhangsan', values });
  await quiet(local);
  cloud.faults.use(approved.source);
  const ignore = { onStep: () => {}, onTrouble: () => {} };
  const decide = () => desk.decide(instanceId, 'lisi', 'agree');
  await followRequest(description, requestIdOf(platform, instanceId), decide, ignore, new AbortController().signal);
  await quiet(local);
  cloud.faults.use(undefined);
  const alone = submitted.sweeps() + approved.sweeps() === 0;
  return { counts: { submitted: submitted.counts(), approved: approved.counts() }, alone };
}

/** What the sweep of every function does when nothing is open and the hourly look at the platforms is done. */
export async function countSweeps(local: LocalCloud): Promise<Counts> {
  await firstLook(local);
  return untilAlone(async () => {
    const { cloud } = local;
    await quiet(local);
    const counter = createCounter(local);
    cloud.faults.use(counter.source);
    for (const name of FUNCTION_NAMES) {
      const timer = { triggerTime: new Date().toISOString(), triggerName: 'sweep', payload: 'sweep' };
      await cloud.functions.invoke(cloud.names.function(name), Buffer.from(JSON.stringify(timer)), { type: 'Sync' });
    }
    cloud.faults.use(undefined);
    return { counts: counter.counts(), alone: counter.sweeps() === FUNCTION_NAMES.length };
  });
}

/** The sweeps of each minute make calls of their own: what they came into is counted again. */
async function untilAlone<T>(count: () => Promise<{ counts: T; alone: boolean }>): Promise<T> {
  for (let tries = 1; tries <= 3; tries++) {
    const { counts, alone } = await count();
    if (alone) return counts;
  }
  throw new Error('a sweep came into every count; run it again');
}

/** Counts what functions do, and invocations of them; says how many of these were the timer of a sweep. */
function createCounter({ cloud }: LocalCloud) {
  const counts = new Map<string, number>();
  const count = (name: string) => void counts.set(name, (counts.get(name) ?? 0) + 1);
  const shortNames = new Map<string, FunctionName>(FUNCTION_NAMES.map((name) => [cloud.names.function(name), name]));
  let sweeps = 0;
  const source: FaultSource = {
    async onCall(call) {
      if (await call.caller()) count(`${call.service} ${call.operation}`);
      return undefined;
    },
    onDeed(_, deed, payload) {
      const name = shortNames.get(deed.replace(/^invoke:/, ''));
      if (name) count(`invoke ${name}`);
      if (name && payload?.includes('"triggerTime"')) sweeps += 1;
      return undefined;
    },
  };
  return { source, sweeps: () => sweeps, counts: () => Object.fromEntries([...counts].sort()) };
}

/** The look at the platforms' lists that every cloud begins with. */
function firstLook({ cloud }: LocalCloud): Promise<unknown> {
  return Promise.all(
    PLATFORM_NAMES.map(
      (platform) =>
        new Promise<void>((done) => {
          cloud.activity.watch(({ message, fields }) => {
            if (message === 'reconciled' && fields['platform'] === platform) done();
          }, 0);
        }),
    ),
  );
}

function quiet({ cloud }: LocalCloud): Promise<void> {
  return new Promise((done) => {
    let timer: NodeJS.Timeout | undefined;
    const stop = cloud.activity.watch(() => wait());
    const wait = () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        stop();
        done();
      }, QUIET_MS);
    };
    wait();
  });
}
