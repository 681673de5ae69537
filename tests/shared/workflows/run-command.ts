import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fillBuiltIns, fillParameters } from '../../../local/cloud-assistant/command-parameters.ts';

/** A script that writes each of its arguments with a NUL after it. */
export const PRINT = `#!/bin/sh\nfor argument; do printf '%s\\0' "$argument"; done\n`;

export interface Ended {
  code: number;
  /** The arguments that PRINT was given; of other scripts, what they wrote. */
  printed: string[];
  stderr: string;
  /** Everything in the folder in which it ran. */
  files: string[];
}

export interface Host {
  /** Where a script of this name is or would be. */
  path(name: string): string;
  install(name: string, text: string, mode?: number): Promise<void>;
  /** Fills in the parameters as Cloud Assistant and its agent do and runs the text with sh. */
  run(content: string, parameters?: Record<string, string>): Promise<Ended>;
  close(): Promise<void>;
}

const BUILT_INS = {
  RegionId: 'r',
  AccountId: '1',
  InstanceId: 'i-1',
  InstanceName: 'n',
  InvokeId: 't-1',
  CommandId: 'c-1',
};

/** A folder that stands for an instance. */
export async function openHost(): Promise<Host> {
  const folder = await mkdtemp(join(tmpdir(), 'command-'));
  return {
    path: (name) => join(folder, name),
    install: (name, text, mode = 0o755) => writeFile(join(folder, name), text, { mode }),
    async run(content, parameters = {}) {
      const filled = fillBuiltIns(fillParameters(Buffer.from(content), parameters), BUILT_INS);
      if (typeof filled === 'string') throw new Error(filled);
      const ended = await runShell(filled.toString(), folder);
      return { ...ended, files: (await readdir(folder)).sort() };
    },
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

function runShell(text: string, cwd: string): Promise<Omit<Ended, 'files'>> {
  return new Promise((resolve, reject) => {
    execFile('/bin/sh', ['-c', text], { cwd, timeout: 10_000 }, (error, stdout, stderr) => {
      const code = error ? error.code : 0;
      const printed = stdout.split('\0').slice(0, stdout.endsWith('\0') ? -1 : undefined);
      if (typeof code === 'number') resolve({ code, printed: stdout === '' ? [] : printed, stderr });
      else reject(error ?? new Error('it did not end'));
    });
  });
}
