import { readdir, readFile, readlink } from 'node:fs/promises';

/** A process of a function that calls a service. */
export interface Caller {
  functionName: string;
  instanceId: string;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
}

/** A loopback connection as the server sees it: the caller's port and its own. */
export interface Connection {
  from: number;
  to: number;
}

/**
 * Which process is behind a connection. The services ask the kernel, as `ss -p` does, so that a function needs neither
 * a header nor a patch to be known by.
 */
export interface Callers {
  add(pid: number, caller: Caller): void;
  remove(pid: number): void;
  /** Undefined when the other end belongs to no function. */
  find(connection: Connection | undefined): Promise<Caller | undefined>;
}

export function createCallers(): Callers {
  const known = new Map<number, Caller>();
  // A connection stays with the process that opened it.
  const found = new WeakMap<Connection, Caller>();
  return {
    add: (pid, caller) => void known.set(pid, caller),
    remove: (pid) => void known.delete(pid),
    async find(connection) {
      if (!connection) return undefined;
      const caller = found.get(connection) ?? (await search(known, connection));
      if (caller) found.set(connection, caller);
      return caller;
    },
  };
}

async function search(known: ReadonlyMap<number, Caller>, connection: Connection): Promise<Caller | undefined> {
  const inode = await socketInode(connection);
  if (inode === undefined) return undefined;
  for (const [pid, caller] of known) if (await holdsSocket(pid, inode)) return caller;
  return undefined;
}

/** Each line of the table: number, own address, other address, …, inode. */
async function socketInode({ from, to }: Connection): Promise<string | undefined> {
  const table = await readFile('/proc/net/tcp', 'utf8').catch(() => '');
  for (const line of table.split('\n')) {
    const [, own, other, , , , , , , inode] = line.trim().split(/\s+/);
    if (own === loopback(from) && other === loopback(to)) return inode;
  }
  return undefined;
}

function loopback(port: number): string {
  return `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
}

async function holdsSocket(pid: number, inode: string): Promise<boolean> {
  const folder = `/proc/${pid}/fd`;
  const names = await readdir(folder).catch(() => []);
  const links = await Promise.all(names.map((name) => readlink(`${folder}/${name}`).catch(() => '')));
  return links.includes(`socket:[${inode}]`);
}
