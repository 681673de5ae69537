import { z } from 'zod';
import { isRepeat } from '../../chaos/messages.ts';
import type { GroupMessage } from '../../local/cloud/group-messages.ts';
import type { DoorCall, Fault, FaultSource } from '../../local/faults.ts';
import { PLATFORM_NAMES, type PlatformName } from '../../shared/ids.ts';
import { settled } from './settled.ts';
import { type Approval, type Form, form, type Loop } from './start-loop.ts';

/** A moment of a run at which a function's process can be killed: at one of its calls, or around an invocation of it. */
export interface CrashPoint {
  functionName: string;
  /** `oss PutObject records/<request>/0002.json`, `invoke ProvisionRequest` */
  deed: string;
  /** Which of those that are the same, from 1. */
  ordinal: number;
}

export interface Crash extends CrashPoint {
  when: 'before' | 'after';
}

/** What is left of a run once its request is closed, without what differs from one run to the next. */
export interface Outcome {
  facts: string[];
  runs: { status: string; exitCode: number | undefined }[];
  messages: string[];
  left: string[];
  user: string;
}

/** Somebody submits an approval for this employee. */
export type Submit = (loop: Loop, employee: string) => Promise<Approval>;

/** Runs an approval undisturbed and gives every moment at which one of its functions could have been killed. */
export async function recordCrashPoints(loop: Loop, submit: Submit, employees: () => string) {
  // The first look at the platform's lists, which every cloud begins with, is no part of an approval's way.
  await Promise.all(PLATFORM_NAMES.map((name) => loop.logged('reconciled', { platform: name })));
  for (let tries = 1; tries <= 3; tries++) {
    const { swept, ...recorded } = await recordOnce(loop, submit, employees());
    // A sweep that came in between made calls of its own.
    if (!swept) return recorded;
  }
  throw new Error('a sweep came into every recording');
}

async function recordOnce(loop: Loop, submit: Submit, employee: string) {
  const approval = await submit(loop, employee);
  await quiet(loop);
  const points: CrashPoint[] = [];
  let swept = false;
  const see = watch(
    (point) => {
      points.push(point);
      return undefined;
    },
    { requestId: approval.requestId },
  );
  const onDeed: FaultSource['onDeed'] = (service, deed, payload) => {
    swept ||= payload !== undefined && triggerOf(payload) === undefined;
    return see.onDeed(service, deed, payload);
  };
  loop.cloud.faults.use({ ...see, onDeed });
  await approval.decide();
  const outcome = await outcomeOf(loop, approval, employee);
  // The last events still find their function after the request is closed.
  await quiet(loop);
  loop.cloud.faults.use(undefined);
  return { points, outcome, swept };
}

/** Runs an approval and kills the process once; `struck` tells whether that moment came. */
export async function runWithCrash(loop: Loop, submit: Submit, employee: string, { when, ...point }: Crash) {
  await Promise.all(
    (['ingest', 'dispatch', 'notify'] as const).map((name) =>
      loop.cloud.functions.killInstances(loop.cloud.names.function(name)),
    ),
  );
  const approval = await submit(loop, employee);
  let struck = false;
  const strike = watch(
    (seen) => {
      if (struck || !isSame(seen, point)) return undefined;
      struck = true;
      loop.cloud.faults.use(undefined);
      return { kind: 'crash', when };
    },
    { requestId: approval.requestId, wanted: point.deed },
  );
  loop.cloud.faults.use(strike);
  try {
    await approval.decide();
    return { outcome: await outcomeOf(loop, approval, employee), struck };
  } finally {
    loop.cloud.faults.use(undefined);
  }
}

/** `chosen` is what the form says beside the employee and the role, by field. */
export const submitIn =
  (platform: PlatformName, chosen: Form = {}): Submit =>
  (loop, employee) =>
    platform === 'dingtalk'
      ? loop.submit({ ...form(employee), ...chosen })
      : loop.submitInLark({ emp_id: employee, role: 'devops', ...chosen });

export function describeCrash({ functionName, deed, ordinal, when }: Crash): string {
  return `${functionName} ${when} ${deed}${ordinal === 1 ? '' : ` (${ordinal})`}`;
}

export function isSame(a: CrashPoint, b: CrashPoint): boolean {
  return a.functionName === b.functionName && a.deed === b.deed && a.ordinal === b.ordinal;
}

/** Names each call of a function and each invocation, counts those of the same name, and asks what shall happen. */
export function watch(
  decide: (point: CrashPoint) => Fault | undefined,
  { requestId, wanted }: { requestId?: string; wanted?: string } = {},
): FaultSource {
  const counts = new Map<string, number>();
  const next = (functionName: string, deed: string) => {
    const key = `${functionName} ${deed}`;
    const ordinal = (counts.get(key) ?? 0) + 1;
    counts.set(key, ordinal);
    return decide({ functionName, deed, ordinal });
  };
  return {
    async onCall(call) {
      const deed = `${call.service} ${call.operation}${aboutOf(call, requestId)}`;
      // Who calls is asked of the kernel, which takes a moment: not where it does not matter.
      if ((wanted ?? deed) !== deed) return undefined;
      const caller = await call.caller();
      return caller && next(caller.functionName, deed);
    },
    onDeed(_, deed, payload) {
      const [, functionName] = /^invoke:(.*)$/.exec(deed) ?? [];
      const trigger = payload && triggerOf(payload);
      return functionName && trigger ? next(functionName, `invoke ${trigger}`) : undefined;
    },
  };
}

/** The object or the prefix that a call of the object storage is about, the same for every approval. */
function aboutOf({ service, request }: DoorCall, requestId = '<request>'): string {
  if (service !== 'oss') return '';
  const [, , ...key] = decodeURIComponent(request.rawPath).split('/');
  const about = request.query.get('prefix') ?? key.join('/');
  return ` ${about
    .replace(requestId, '<request>')
    .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi, '<id>')
    .replaceAll(/[0-9a-f]{16,}/g, '<hash>')
    .replace(/\d{8,}\/\d\d$/, '<slot>')}`;
}

const eventSchema = z.object({ type: z.string() });
const timerSchema = z.object({ triggerTime: z.string() });

/** What invokes: a type of event, or a callback; undefined for the timer of a sweep. */
export function triggerOf(payload: Buffer): string | undefined {
  const json: unknown = JSON.parse(payload.toString());
  const event = eventSchema.safeParse(json);
  if (event.success) return event.data.type;
  return timerSchema.safeParse(json).success ? undefined : 'callback';
}

async function outcomeOf(loop: Loop, approval: Approval, employee: string): Promise<Outcome> {
  const { facts, runs, shown, left } = await settled(loop, approval);
  return {
    // A completion may be found before its dispatch is on record, and a late run is confirmed first.
    facts: facts.filter((fact) => fact !== 'dispatched' && fact !== 'confirmed'),
    runs: runs.map(({ status, exitCode }) => ({ status, exitCode })),
    messages: withoutRepeats(shown).map(({ title }) => title.replace(employee, 'E…')),
    left,
    user: await userOf(loop, employee),
  };
}

/** Without those that their channel cannot tell from the first one. */
function withoutRepeats(shown: readonly GroupMessage[]): GroupMessage[] {
  return shown.filter((message, index) => !isRepeat(message, shown.slice(0, index)));
}

/** The lines about the user on the instance, without its name and its ids. */
async function userOf(loop: Loop, employee: string): Promise<string> {
  const name = employee.toLowerCase();
  const files = await Promise.all(['/etc/passwd', '/etc/group'].map((path) => loop.file(path)));
  const lines = files.flatMap((text) => (text ?? '').split('\n').filter((line) => line.includes(name)));
  const alike = (line: string) =>
    line
      .replace(employee, 'E…')
      .replaceAll(/\be\d+(,e\d+)*\b/g, 'e…')
      .replaceAll(/:\d{4}\b/g, ':…');
  return lines.map(alike).sort().join('\n');
}

/** Resolves when nothing has happened for half a second. */
export async function quiet(loop: Loop): Promise<void> {
  await new Promise<void>((done) => {
    let timer: NodeJS.Timeout | undefined;
    const wait = () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        stop();
        done();
      }, 500);
    };
    const stop = loop.cloud.activity.watch(wait);
    wait();
  });
}
