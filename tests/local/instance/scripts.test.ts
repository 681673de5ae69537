import { spawnSync } from 'node:child_process';
import { HOLDER_SCRIPTS, KEEPER_SCRIPT } from '../../../local/instance/holder-script.ts';
import {
  JOIN_SCRIPT,
  LAUNCH_SCRIPT,
  READ_FILE_TEXT,
  RUN_TEXT,
  SEND_FILE_TEXT,
} from '../../../local/instance/task-script.ts';

const hasShellcheck = spawnSync('shellcheck', ['--version']).status === 0;

(hasShellcheck ? test : test.skip).each([
  ['keeper', 'bash', KEEPER_SCRIPT],
  ['holder for root', 'sh', HOLDER_SCRIPTS.root],
  ['holder for a user', 'sh', HOLDER_SCRIPTS.user],
  ['join', 'bash', JOIN_SCRIPT],
  ['launch', 'sh', LAUNCH_SCRIPT],
  ['run', 'sh', RUN_TEXT],
  ['send file', 'sh', SEND_FILE_TEXT],
  ['read file', 'sh', READ_FILE_TEXT],
])('shellcheck finds nothing in the script: %s', (_, shell, script) => {
  const { stdout } = spawnSync('shellcheck', [`--shell=${shell}`, '-'], { input: script, encoding: 'utf8' });
  expect(stdout).toBe('');
});
