import { Worker } from 'node:worker_threads';

const CHECK_EVERY_MS = 500;

/**
 * Ends this process and what it started when the platform is gone, killed with SIGKILL included. A closed channel
 * tells at once; the thread still notices while the function keeps the main thread busy.
 */
export function dieWithParent(): void {
  const killGroup = `process.kill(-${process.pid}, 'SIGKILL')`;
  const watch = `setInterval(() => { if (process.ppid !== ${process.ppid}) ${killGroup}; }, ${CHECK_EVERY_MS});`;
  new Worker(watch, { eval: true }).unref();
  process.on('disconnect', () => process.kill(-process.pid, 'SIGKILL'));
}
