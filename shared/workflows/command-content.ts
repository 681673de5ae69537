import { sha256Hex } from '../ids.ts';
import type { Command } from './schema.ts';

/** What the build knows of a script of the repository: its text travels in the bundle only where a run sends it. */
export interface Script {
  sha256: string;
  text?: string | undefined;
}
export type Scripts = Readonly<Record<string, Script>>;

/** A command as it stands in Cloud Assistant. */
export interface CommandDefinition {
  /** `<prefix of the environment><command>-<hash of the content>`: a changed command is a new one. */
  name: string;
  content: string;
  contentSha256: string;
}

/**
 * The text that Cloud Assistant runs. Parameters stand between single quotes, and no value that reaches them holds a
 * quote: replacement there is plain text (https://www.alibabacloud.com/help/en/ecs/api-invokecommand).
 */
export function defineCommand(prefix: string, name: string, command: Command, scripts: Scripts): CommandDefinition {
  const script = scripts[command.script];
  if (!script) throw new Error(`commands.${name}.script names ${command.script}, which the build did not bundle`);
  const content =
    command.path === undefined ? withArguments(name, command, script) : wrapper(name, command, command.path, script);
  const contentSha256 = sha256Hex(content);
  return { name: `${prefix}${name}-${contentSha256.slice(0, 12)}`, content, contentSha256 };
}

/** Exit code of a wrapper whose script on the instance is not the one it was released with. */
export const SCRIPT_MISMATCH_EXIT_CODE = 90;

function wrapper(name: string, command: Command, path: string, script: Script): string {
  return `#!/bin/sh
# approval-loop, command "${name}"
if ! echo '${script.sha256}  ${path}' | sha256sum -c --status -; then
  echo '${path} is missing or not the released version; run setup for this instance' >&2
  exit ${SCRIPT_MISMATCH_EXIT_CODE}
fi
exec ${path} ${quoteArguments(command)}
`;
}

/** The script itself, its arguments set in front of its first line. */
function withArguments(name: string, command: Command, script: Script): string {
  if (script.text === undefined)
    throw new Error(`commands.${name}.script: the build did not bundle the text of ${command.script}`);
  if (script.text.includes('{{'))
    throw new Error(
      `commands.${name}.script: Cloud Assistant would replace the {{ in ${command.script}; give it a path`,
    );
  const firstLine = /^#!.*\n/.exec(script.text)?.[0] ?? '#!/bin/sh\n';
  const rest = script.text.startsWith(firstLine) ? script.text.slice(firstLine.length) : script.text;
  return `${firstLine}# approval-loop, command "${name}"\nset -- ${quoteArguments(command)}\n${rest}`;
}

function quoteArguments(command: Command): string {
  return command.arguments.map((argument) => `'${argument}'`).join(' ');
}
