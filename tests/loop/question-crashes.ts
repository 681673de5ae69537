import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Activity } from '../../local/cloud/activity.ts';
import type { PlatformName } from '../../shared/ids.ts';
import { answersIn, instanceIn, saidByRobot, sayIn } from './ask-in-dingtalk.ts';
import { type Crash, type CrashPoint, isSame, quiet, triggerOf, watch } from './crash-points.ts';
import { settled } from './settled.ts';
import type { Loop } from './start-loop.ts';

/** What is left of a question once its approval has run, without what differs from one to the next. */
export interface Left {
  approvals: number;
  /** What the robot answered; DingTalk knows no key, so that there the same may stand twice, which counts once. */
  answers: string[];
  facts: string[];
  runs: number;
  /** Titles of what the group saw at the end; in Lark each stands under the question. */
  ends: string[];
  /** Of the question and of its request. */
  open: string[];
}

/** The group of a platform as its people see it. */
interface Group {
  /** Says whether the app took it, where people can tell. */
  say(text: string): Promise<boolean>;
  answers(): string[];
  decide(instanceId: string): Promise<void>;
  /** The last message of a request, where it stands as its people expect it. */
  ends(): string[];
}

const textSchema = z.object({ text: z.string() });
const headerSchema = z.object({ header: z.object({ title: z.object({ content: z.string() }) }) });

const GROUPS: Record<PlatformName, (loop: Loop) => Group> = {
  dingtalk: (loop) => ({
    say: (text) =>
      sayIn(loop, text).then(
        () => true,
        () => false,
      ),
    answers: () => answersIn(loop).map(({ text }) => text),
    decide: async (instanceId) => (await loop.find(instanceId)).decide(),
    ends: () => saidByRobot(loop).flatMap(({ title }) => (title === '' ? [] : [title])),
  }),
  lark: ({ cloud: { lark, workflows } }) => {
    const asked = new Set<string>();
    const replies = (kind: string) =>
      lark.messages().filter(({ parent_id, msg_type }) => msg_type === kind && asked.has(parent_id ?? ''));
    return {
      say: async (text) => {
        asked.add(lark.sayToBot('zhangsan', workflows.chats['it-ops']?.lark?.chat_id ?? '', text));
        // Lark sends an event again until it is taken.
        return true;
      },
      answers: () => replies('text').map(({ content }) => textSchema.parse(JSON.parse(content)).text),
      decide: async (instanceId) => lark.decide(instanceId, { userId: 'lisi', approved: true }),
      ends: () =>
        replies('interactive').map(({ content }) => headerSchema.parse(JSON.parse(content)).header.title.content),
    };
  },
};

export interface Asked {
  loop: Loop;
  platform: PlatformName;
  employee: string;
  /** The approver agrees as soon as there is an approval, and does not wait for the answer. */
  grantsAtOnce?: boolean;
}

/** Somebody asks undisturbed: every moment until the answer is out at which the process could have been killed. */
export async function recordQuestion(asked: Omit<Asked, 'employee'>, functionName: string, employees: () => string) {
  for (let tries = 1; tries <= 3; tries++) {
    const { swept, ...recorded } = await recordOnce({ ...asked, employee: employees() }, functionName);
    // A sweep that came in between made calls of its own.
    if (!swept) return recorded;
  }
  throw new Error('a sweep came into every recording');
}

async function recordOnce(asked: Asked, functionName: string) {
  await quiet(asked.loop);
  const points: CrashPoint[] = [];
  let swept = false;
  const see = watch((point) => void points.push(point));
  const onDeed: typeof see.onDeed = (service, deed, payload) => {
    swept ||= payload !== undefined && triggerOf(payload) === undefined;
    return see.onDeed(service, deed, payload);
  };
  asked.loop.cloud.faults.use({ ...see, onDeed });
  const answered = await ask(asked);
  await quiet(asked.loop);
  asked.loop.cloud.faults.use(undefined);
  const left = await leftOf(asked, answered);
  return { points: points.filter((point) => point.functionName === functionName), left, swept };
}

/** Somebody asks, and the process is killed once; `struck` tells whether that moment came. */
export async function askWithCrash(asked: Asked, { when, ...point }: Crash, ready: () => Promise<void>) {
  let struck = false;
  const { faults } = asked.loop.cloud;
  const strike = watch(
    (seen) => {
      if (struck || !isSame(seen, point)) return undefined;
      struck = true;
      faults.use(undefined);
      return { kind: 'crash', when };
    },
    { wanted: point.deed },
  );
  faults.use(strike);
  try {
    const answered = await ask(asked);
    // What is decided while nobody is connected, the hourly look alone would find.
    await ready();
    return { left: await leftOf(asked, answered), struck };
  } finally {
    faults.use(undefined);
  }
}

interface Answered {
  group: Group;
  before: { approvals: readonly string[]; answers: number; ends: number };
}

/** Asks, and once more where the message was lost: a robot of DingTalk is sent each once. */
async function ask({ loop, platform, employee, grantsAtOnce = false }: Asked): Promise<Answered> {
  const group = GROUPS[platform](loop);
  const before = {
    approvals: await listApprovals(loop, platform),
    answers: group.answers().length,
    ends: group.ends().length,
  };
  const isAnswered = () => group.answers().length > before.answers;
  const grant = async () => {
    const [instanceId] = newOf(before.approvals, await listApprovals(loop, platform));
    if (instanceId !== undefined) await group.decide(instanceId);
    return instanceId !== undefined;
  };
  const text = `入职 ${employee} devops`;
  const saying = group.say(text);
  if (grantsAtOnce) await eventually(loop.cloud.activity, grant);
  let taken = await saying;
  await eventually(loop.cloud.activity, async () => {
    const isOpen = (await questionsOf(loop)).length > 0;
    if (!taken && !isOpen && !isAnswered()) taken = await group.say(text);
    return isAnswered() && !isOpen;
  });
  return { group, before };
}

async function leftOf({ loop, platform, employee, grantsAtOnce }: Asked, { group, before }: Answered): Promise<Left> {
  const answers = group.answers().slice(before.answers);
  const instanceId = instanceIn(answers[0] ?? '');
  if (!grantsAtOnce) await group.decide(instanceId);
  const { facts, runs, left } = await settled(loop, { requestId: `${platform}.${instanceId}` });
  return {
    approvals: newOf(before.approvals, await listApprovals(loop, platform)).length,
    // The link behind it names this cloud's company.
    answers: onceOf(platform, answers).map((text) => text.replaceAll(instanceId, '<id>').replace(/查看：.*$/, '')),
    facts: facts.filter((fact) => fact !== 'dispatched' && fact !== 'confirmed'),
    runs: runs.length,
    ends: group
      .ends()
      .slice(before.ends)
      .map((title) => title.replace(employee, 'E…')),
    open: [...(await questionsOf(loop)), ...left],
  };
}

async function questionsOf({ work }: Loop): Promise<string[]> {
  const { objects = [] } = await work.listV2({ prefix: 'questions/', 'max-keys': '10' });
  return objects.map(({ name }) => name);
}

function onceOf(platform: PlatformName, answers: readonly string[]): readonly string[] {
  return platform === 'dingtalk' && answers.length === 2 ? [...new Set(answers)] : answers;
}

/** Ids of all that the platform keeps. */
async function listApprovals({ directory }: Loop, platform: PlatformName): Promise<string[]> {
  const folder = join(directory, platform, 'instances');
  const files = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.json'));
  return Promise.all(
    files.map(async (name) => storedSchema.parse(JSON.parse(await readFile(join(folder, name), 'utf8')))),
  );
}

const storedSchema = z.union([
  z.object({ processInstanceId: z.string() }).transform(({ processInstanceId }) => processInstanceId),
  z.object({ instance_code: z.string() }).transform(({ instance_code }) => instance_code),
]);

function newOf(before: readonly string[], now: readonly string[]): string[] {
  return now.filter((id) => !before.includes(id));
}

/** Resolves once this holds, looking again whenever something has happened. */
async function eventually(activity: Activity, holds: () => Promise<boolean>): Promise<void> {
  for (;;) {
    let stop = () => {};
    const next = new Promise<void>((done) => {
      stop = activity.watch(() => done());
    });
    const isSo = await holds();
    if (!isSo) await next;
    stop();
    if (isSo) return;
  }
}

/** Kills the processes of the function that answers, so that the next one begins anew. */
export async function freshIngest({ cloud }: Loop): Promise<void> {
  await cloud.functions.killInstances(cloud.names.function('ingest'));
}
