import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInstance } from '../../local/instance/create-instance.ts';
import { createSystemClock } from '../../shared/clock.ts';
import { createLog } from '../../shared/log.ts';

const REPOSITORY = resolve(__dirname, '../..');
const clock = createSystemClock();

export interface ShellRun {
  exitCode: number;
  output: string;
}

export interface ProvisionRun extends ShellRun {
  /** The last line of output, without its line end. */
  lastLine: string;
  /** The JSON of the last line. */
  result: unknown;
}

export interface ProvisionRuns {
  runs: ProvisionRun[];
  /** What the text after the command lines put out. */
  after: string;
}

export interface ProvisionHost {
  /** Runs shell text as Cloud Assistant does: root, no profile, in /root. */
  shell(text: string): Promise<ShellRun>;
  /** Runs /opt/provision.sh with these arguments, each as it stands. */
  provision(...args: string[]): Promise<ProvisionRun>;
  /** One command line after the other, in one entry into the instance; shell text may run before and after them. */
  provisionAll(commandLines: string[][], around?: { before?: string; after?: string }): Promise<ProvisionRuns>;
  /** The same for command lines of any script, each as shell text. */
  runAll(commands: string[], around?: { before?: string; after?: string }): Promise<ProvisionRuns>;
  sendFile(path: string, content: string, mode?: string): Promise<void>;
  close(): Promise<void>;
}

/** An embedded instance named `host-1` with the scripts in their places and nothing provisioned yet. */
export async function startProvisionHost(): Promise<ProvisionHost> {
  const directory = await mkdtemp(join(tmpdir(), 'provision-host-'));
  const log = createLog({ clock, write: () => {} });
  const instance = await createInstance({ instanceId: 'host-1', directory, hiddenPaths: [REPOSITORY], clock, log });

  const shell = async (text: string): Promise<ShellRun> => {
    const chunks: Buffer[] = [];
    const end = await instance.run({
      scriptName: 'test.sh',
      script: Buffer.from(text),
      timeoutMs: 300_000,
      terminationMode: 'ProcessTree',
      signal: new AbortController().signal,
      onOutput: (chunk) => void chunks.push(chunk),
    });
    const output = Buffer.concat(chunks).toString();
    if (end.end !== 'exited') throw new Error(`The run ended with ${JSON.stringify(end)} after: ${output}`);
    return { exitCode: end.exitCode, output };
  };

  const sendFile = async (path: string, content: string, mode = '0644') => {
    const file = { path, content: Buffer.from(content), mode, owner: 'root', group: 'root', overwrite: true };
    expect(await instance.sendFile(file)).toEqual({ end: 'sent' });
  };

  const runAll = async (commands: string[], { before = ':', after = '' } = {}): Promise<ProvisionRuns> => {
    const lines = commands.map((command) => `${command}; echo "<ended $?>"`);
    const { output } = await shell(`{ ${before}\n} >/dev/null 2>&1\n${lines.join('\n')}\n${after}`);
    const parts = output.split(/<ended (\d+)>\n/);
    const runs = lines.map((_line, index) =>
      readProvisionRun({ output: parts[2 * index] ?? '', exitCode: Number(parts[2 * index + 1]) }),
    );
    return { runs, after: parts.at(-1) ?? '' };
  };

  for (const script of ['provision.sh', 'allocate.sh']) {
    await sendFile(`/opt/${script}`, await readFile(join(REPOSITORY, 'scripts', script), 'utf8'), '0755');
  }
  return {
    shell,
    provision: async (...args) => readProvisionRun(await shell(`exec ${provisionCommand(...args)}`)),
    provisionAll: (commandLines, around) =>
      runAll(
        commandLines.map((args) => provisionCommand(...args)),
        around,
      ),
    runAll,
    sendFile,
    close: async () => {
      await instance.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** The command line as shell text. */
export function provisionCommand(...args: string[]): string {
  return ['/opt/provision.sh', ...args].map(quoteForShell).join(' ');
}

export function allocateCommand(...args: string[]): string {
  return ['/opt/allocate.sh', ...args].map(quoteForShell).join(' ');
}

export function quoteForShell(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

function readProvisionRun(run: ShellRun): ProvisionRun {
  const lastLine = run.output.replace(/\n$/, '').split('\n').at(-1) ?? '';
  const json = /^PROVISION_RESULT (\{.*\})$/.exec(lastLine)?.[1];
  return { ...run, lastLine, result: json === undefined ? undefined : JSON.parse(json) };
}
