import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout } from 'node:timers/promises';

/** A process as it cannot be mistaken for a later one of the same id. */
interface ProcessIdentity {
  pid: number;
  parent: number;
  startedAt: string;
}

function readProcess(pid: number): ProcessIdentity | undefined {
  try {
    // After the name in parentheses: state, parent, …; the start time is the 22nd field of all.
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ');
    const [state = '', parent = ''] = fields;
    return state === 'Z' ? undefined : { pid, parent: Number(parent), startedAt: fields[19] ?? '' };
  } catch {
    return undefined;
  }
}

/** The process and all that descend from it, however many namespaces and groups lie between. */
export function familyOf(pid: number): ProcessIdentity[] {
  const all = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? (readProcess(Number(name)) ?? []) : []));
  const family = all.filter((each) => each.pid === pid);
  for (const member of family) family.push(...all.filter(({ parent }) => parent === member.pid));
  return family;
}

export function alive(family: readonly ProcessIdentity[]): number[] {
  return family.filter(({ pid, startedAt }) => readProcess(pid)?.startedAt === startedAt).map(({ pid }) => pid);
}

const SURVIVAL_MS = 10_000;

/** Waits until none of them is alive, for ten seconds at most, and gives those that are. */
export async function survivors(family: readonly ProcessIdentity[]): Promise<number[]> {
  const end = Date.now() + SURVIVAL_MS;
  while (alive(family).length > 0 && Date.now() < end) await setTimeout(20);
  return alive(family);
}

/** Those of the ports that somebody listens on. */
export async function openPorts(ports: readonly number[]): Promise<number[]> {
  const open = await Promise.all(ports.map(isOpen));
  return ports.filter((_port, index) => open[index]);
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      done(true);
    });
    socket.once('error', () => done(false));
  });
}

/** Mounts below a folder, as this process sees them. */
export function mountsBelow(directory: string): string[] {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => line.includes(directory));
}
