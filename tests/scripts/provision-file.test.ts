import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const SCRIPT = join(__dirname, '../../scripts/provision.sh');

function execute(command: string, args: string[]): Promise<{ exitCode: number | string; output: string }> {
  return new Promise((resolve) => {
    execFile(command, args, (error, stdout, stderr) => {
      resolve({ exitCode: error?.code ?? 0, output: stdout + stderr });
    });
  });
}

/** `--help` ends before anything of the machine is looked at, so it may run here. */
test.each([
  ['sh', 'sh', []],
  ['dash', 'dash', []],
  ['bash', 'bash', []],
  ['bash as a POSIX sh', 'bash', ['--posix']],
])('prints its usage under %s, if it is installed', async (_name, command, args) => {
  const run = await execute(command, [...args, SCRIPT, '--emp-id', 'E1', '--help']);
  expect(run.exitCode === 'ENOENT' ? 0 : run.exitCode).toBe(0);
  expect(run.exitCode === 'ENOENT' ? 'usage: ' : run.output).toMatch(/^usage: /);
  expect(run.output).not.toContain('PROVISION_RESULT {');
});

test('passes shellcheck, if it is installed', async () => {
  const run = await execute('shellcheck', [SCRIPT]);
  expect(run.exitCode === 'ENOENT' ? '' : run.output).toBe('');
});

test('fits into one SendFile: 32 KB of Base64', async () => {
  expect((await readFile(SCRIPT)).toString('base64').length).toBeLessThanOrEqual(32_768);
});

test('has line ends of Unix, and nothing but ASCII outside its comments', async () => {
  const lines = (await readFile(SCRIPT, 'utf8')).split('\n');
  expect(lines.filter((line) => !/^ *#/.test(line) && !/^[ -~]*$/.test(line))).toEqual([]);
});
