import { CONNECTOR } from '../../local/cloud/start-connector.ts';
import { PLATFORM_NAMES, type PlatformName } from '../../shared/ids.ts';
import { withOwnGroup } from './ask-in-dingtalk.ts';
import { type Crash, describeCrash } from './crash-points.ts';
import { makeRoot, type OtherRoot } from './other-root.ts';
import { askWithCrash, freshIngest, type Left, recordQuestion } from './question-crashes.ts';
import { sample } from './seeded.ts';
import { COMPLETED, type LoopOptions, startLoop } from './start-loop.ts';
import { type Supervised, withConnector } from './with-connector.ts';

jest.setTimeout(900_000);

/** As in the crash matrix: `CRASH_MATRIX=all` kills at every call, otherwise a sample that its number chooses. */
const WANTED = process.env['CRASH_MATRIX'] ?? '1';
const SAMPLE = 2;

let employees = 5000;
const employee = () => `E${++employees}`;

let other: OtherRoot;
beforeAll(async () => {
  other = await makeRoot(withOwnGroup);
});
afterAll(() => other.remove());

/** A cloud, and how its process that answers is replaced by a new one. */
type Use<T> = (cloud: Supervised) => Promise<T>;

async function withIngest<T>(options: LoopOptions, use: Use<T>): Promise<T> {
  const loop = await startLoop(options);
  try {
    return await use({ loop, renew: () => freshIngest(loop), ready: async () => undefined });
  } finally {
    await loop.close();
  }
}

/** Who takes a question; the platform still tries again when the next connector is there. */
const WAYS = {
  callback: { name: 'ingest', speed: 90, open: withIngest },
  connection: { name: 'connector', speed: 30, open: withConnector },
} as const;

const UNDISTURBED: Left = {
  approvals: 1,
  answers: ['已提交审批“新员工入职”，编号 <id>。审批通过后自动执行，结果发到本群。'],
  facts: COMPLETED.filter((fact) => fact !== 'dispatched'),
  runs: 1,
  ends: ['✅ 新员工入职 · E… 已完成'],
  open: [],
};

describe.each(PLATFORM_NAMES)('a question in a group of %s', (platform) => {
  test.each(Object.entries(WAYS))(
    'by %s: the process killed before or after any call leaves one approval, one answer, one run and one end',
    async (_, { name, speed, open }) => {
      const root = other.root;
      const { points, left } = await open({ root, speed: 1 }, async ({ loop }) => {
        await Promise.all(PLATFORM_NAMES.map((one) => loop.logged('reconciled', { platform: one })));
        const functionName = name === 'connector' ? CONNECTOR : loop.cloud.names.function(name);
        return recordQuestion({ loop, platform }, functionName, employee);
      });
      expect(left).toEqual(UNDISTURBED);
      expect(points.map(({ deed }) => deed)).toEqual(
        expect.arrayContaining([
          `oss PutObject questions/${platform}-<hash>`,
          `oss PutObject asked/${platform}-<hash>/answered`,
        ]),
      );
      const all = points.flatMap((point) => (['before', 'after'] as const).map((when): Crash => ({ ...point, when })));
      const crashes = WANTED === 'all' ? all : sample(all, SAMPLE, Number(WANTED));
      const differing = await open({ root, speed }, async (cloud) => {
        const found: string[] = [];
        for (const crash of crashes) {
          const seen = JSON.stringify(await attempt(cloud, platform, crash));
          if (seen !== JSON.stringify(left)) found.push(`${describeCrash(crash)}: ${seen}`);
        }
        return found;
      });
      expect(differing).toEqual([]);
    },
  );
});

/** The moments between an approval and the word of which question it belongs to. */
const UNNOTED = {
  dingtalk: 'dingtalk processInstances/create',
  lark: 'lark instances/create',
} as const;

test.each(PLATFORM_NAMES)(
  'an approval of %s that is granted while nobody knows yet which question it belongs to ends under that question',
  async (platform) => {
    const crashes = [
      { deed: UNNOTED[platform], ordinal: 1, when: 'after' },
      { deed: `oss PutObject origins/${platform}.<id>.json`, ordinal: 1, when: 'before' },
    ] as const;
    const found = await withIngest({ root: other.root, speed: 90 }, async ({ loop, renew, ready }) => {
      const functionName = loop.cloud.names.function('ingest');
      const left: unknown[] = [];
      for (const crash of crashes) {
        await renew();
        const asked = { loop, platform, employee: employee(), grantsAtOnce: true };
        left.push(await askWithCrash(asked, { ...crash, functionName }, ready));
      }
      return left;
    });
    expect(found).toEqual(crashes.map(() => ({ left: UNDISTURBED, struck: true })));
  },
);

/** A busy machine may leave the answer to the sweep, so that the moment does not come; then the next question has it. */
async function attempt(
  { loop, renew, ready }: Supervised,
  platform: PlatformName,
  crash: Crash,
): Promise<Left | string> {
  for (let tries = 1; tries <= 3; tries++) {
    await renew();
    const { left, struck } = await askWithCrash({ loop, platform, employee: employee() }, crash, ready);
    if (struck) return left;
  }
  return 'the moment never came';
}
