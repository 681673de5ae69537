import { setMaxListeners } from 'node:events';
import { join } from 'node:path';
import { main } from './main.ts';

/** The process behind `npm run chaos`: the only place here that reads argv and sets the exit code. */
// Whatever is under way waits for the one signal that stops its service: that is no leak.
setMaxListeners(0);
const interrupted = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => {
    // A second Ctrl-C does not wait for things to be put in order.
    if (interrupted.signal.aborted) process.exit(130);
    interrupted.abort(new Error('interrupted'));
  });
}

void main(process.argv.slice(2), {
  root: join(__dirname, '..', '..'),
  stdin: process.stdin,
  out: (line) => void process.stdout.write(`${line}\n`),
  err: (line) => void process.stderr.write(`${line}\n`),
  color: process.stdout.isTTY === true && process.env['NO_COLOR'] === undefined,
  env: process.env,
  signal: interrupted.signal,
}).then((code) => {
  process.exitCode = code;
});
