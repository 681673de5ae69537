import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';

/** Stands in for Serverless Devs and writes down how it was called. */
export interface StubS {
  path: string;
  calls(): Promise<z.infer<typeof callSchema>[]>;
  /** The exit code of the next calls. */
  endWith(code: number): Promise<void>;
  /** Another program, which says that it hangs, and does. */
  hanging(): Promise<string>;
  remove(): Promise<void>;
}

const callSchema = z.object({
  args: z.array(z.string()),
  cwd: z.string(),
  template: z.string(),
  env: z.record(z.string(), z.string()),
  telemetry: z.string(),
});

export async function makeStubS(): Promise<StubS> {
  const folder = await mkdtemp(join(tmpdir(), 'stub-s-'));
  const path = join(folder, 's');
  const log = join(folder, 'calls');
  const code = join(folder, 'code');
  await writeFile(log, '');
  await writeFile(code, '0');
  await writeFile(
    path,
    `#!${process.execPath}
const { appendFileSync, mkdirSync, readFileSync } = require('node:fs');
const { join } = require('node:path');
const args = process.argv.slice(2);
const template = readFileSync(args[args.indexOf('--template') + 1], 'utf8');
const telemetry = readFileSync(join(process.env.serverless_devs_config_home, '.s', 'set-config.yml'), 'utf8');
const call = { args, cwd: process.cwd(), template, env: process.env, telemetry };
appendFileSync(${JSON.stringify(log)}, JSON.stringify(call) + '\\n');
if (args[0] === 'deploy') mkdirSync(join(process.env.serverless_devs_config_home, '.s', 'logs'), { recursive: true });
process.stdout.write('the stub has run with ' + process.env.DINGTALK_APP_SECRET.slice(0, 5));
process.stdout.write(process.env.DINGTALK_APP_SECRET.slice(5) + '\\n');
process.exitCode = Number(readFileSync(${JSON.stringify(code)}, 'utf8'));
`,
  );
  await chmod(path, 0o755);
  return {
    path,
    calls: async () =>
      (await readFile(log, 'utf8'))
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => callSchema.parse(JSON.parse(line))),
    endWith: (next) => writeFile(code, String(next)),
    hanging: async () => {
      const hanging = join(folder, 'hanging-s');
      await writeFile(hanging, '#!/bin/sh\necho the tool hangs\nexec sleep 600\n', { mode: 0o755 });
      return hanging;
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
