import { CONNECTOR } from '../../local/cloud/start-connector.ts';
import { PLATFORM_NAMES, type PlatformName } from '../../shared/ids.ts';
import {
  type Crash,
  type CrashPoint,
  describeCrash,
  type Outcome,
  recordCrashPoints,
  runWithCrash,
  submitIn,
} from './crash-points.ts';
import { sample } from './seeded.ts';
import { COMPLETED } from './start-loop.ts';
import { type Supervised, withConnector } from './with-connector.ts';

jest.setTimeout(900_000);

/** As in the crash matrix: `CRASH_MATRIX=all` kills at every call, otherwise a sample that its number chooses. */
const WANTED = process.env['CRASH_MATRIX'] ?? '1';
const SAMPLE = 3;

let employees = 4000;
const employee = () => `E${++employees}`;

test.each(PLATFORM_NAMES)(
  'a connector killed before or after any call for an approval in %s leaves what an undisturbed run leaves',
  async (platform) => {
    const { points, outcome } = await withConnector({ speed: 1 }, ({ loop }) =>
      recordCrashPoints(loop, submitIn(platform), employee),
    );
    const own = points.filter(({ functionName }: CrashPoint) => functionName === CONNECTOR);
    expect(own.map(({ deed }) => deed)).toEqual(
      expect.arrayContaining(['oss PutObject open/<request>', 'oss PutObject accepted/<request>.json']),
    );
    expect(outcome).toMatchObject({
      facts: COMPLETED.filter((fact) => fact !== 'dispatched'),
      runs: [{ status: 'Success', exitCode: 0 }],
      messages: [expect.stringContaining('已完成')],
      left: [],
    });
    const all = own.flatMap((point) => (['before', 'after'] as const).map((when): Crash => ({ ...point, when })));
    const crashes = WANTED === 'all' ? all : sample(all, SAMPLE, Number(WANTED));
    // Slow enough that the platform still tries when the next connector is there.
    const differing = await withConnector({ speed: 8 }, async (supervised) => {
      const found: string[] = [];
      for (const crash of crashes) {
        const left = JSON.stringify(await attempt(supervised, platform, crash));
        if (left !== JSON.stringify(outcome)) found.push(`${describeCrash(crash)}: ${left}`);
      }
      return found;
    });
    expect(differing).toEqual([]);
  },
);

/** A busy machine may leave accepting to the sweep, so that the moment does not come; then the next run has it. */
async function attempt({ loop, renew }: Supervised, platform: PlatformName, crash: Crash): Promise<Outcome | string> {
  for (let tries = 1; tries <= 3; tries++) {
    // A process that has worked already has its token.
    await renew();
    const { outcome, struck } = await runWithCrash(loop, submitIn(platform), employee(), crash);
    if (struck) return outcome;
  }
  return 'the moment never came';
}
