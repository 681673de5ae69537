import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LocalCloud, startLocalCloud } from '../../cli/local-cloud.ts';
import { PLATFORM_TITLES } from '../../cli/platform-titles.ts';
import { PLATFORM_NAMES } from '../../shared/ids.ts';
import { type Counts, countApproval, countSweeps, PACE } from './count.ts';

/**
 * The process behind `npm run bench:calls -- [rounds]`: what an approval, and a minute without one, makes the functions
 * call. Prints the least and the most of all rounds, since functions that meet at a request read it once more.
 */
const root = join(__dirname, '..', '..');

async function main(rounds: number): Promise<void> {
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error('how many rounds? a whole number from 1 on');
  const directory = await mkdtemp(join(tmpdir(), 'approval-loop-calls-'));
  const local = await startLocalCloud({ root, directory, port: 0, ...PACE });
  try {
    print(await countAll(local, rounds));
  } finally {
    await local.close();
    await rm(directory, { recursive: true, force: true });
  }
}

async function countAll(local: LocalCloud, rounds: number): Promise<Map<string, Counts[]>> {
  const tables = new Map<string, Counts[]>();
  const add = (title: string, counts: Counts) => tables.set(title, [...(tables.get(title) ?? []), counts]);
  for (let round = 1; round <= rounds; round++) {
    add('one sweep of each function, with nothing open', await countSweeps(local));
    for (const platform of PLATFORM_NAMES) {
      const { submitted, approved } = await countApproval(local, root, platform);
      add(`${PLATFORM_TITLES[platform]}: an approval is submitted`, submitted);
      add(`${PLATFORM_TITLES[platform]}: it is agreed to, and goes its way`, approved);
    }
  }
  return tables;
}

function print(tables: ReadonlyMap<string, readonly Counts[]>): void {
  for (const [title, rounds] of tables) {
    console.log(title);
    for (const name of [...new Set(rounds.flatMap(Object.keys))].sort()) {
      const counts = rounds.map((round) => round[name] ?? 0);
      const [least, most] = [Math.min(...counts), Math.max(...counts)];
      console.log(`${(least === most ? `${most}` : `${least}-${most}`).padStart(7)}  ${name}`);
    }
  }
}

void main(Number(process.argv[2] ?? 5));
