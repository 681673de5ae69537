import { createInstance } from '../../../local/instance/create-instance.ts';
import { createSystemClock } from '../../../shared/clock.ts';
import { createLog, formatLogLine } from '../../../shared/log.ts';

/** A process with one instance: runs the script given in the folder given, prints its output and its end. */
async function main([directory = '', script = '']: string[]): Promise<void> {
  const clock = createSystemClock();
  const log = createLog({ clock, write: (entry) => process.stderr.write(`${formatLogLine(entry)}\n`) });
  const instance = await createInstance({ instanceId: 'i-test', directory, hiddenPaths: [], clock, log });
  const result = await instance.run({
    scriptName: 't-test.sh',
    script: Buffer.from(script),
    timeoutMs: 60_000,
    terminationMode: 'ProcessTree',
    signal: new AbortController().signal,
    onOutput: (chunk) => process.stdout.write(chunk),
  });
  process.stdout.write(`${JSON.stringify(result)}\n`);
  await instance.close();
}

main(process.argv.slice(2)).catch((error) => {
  process.stderr.write(`${error}\n`);
  process.exitCode = 1;
});
