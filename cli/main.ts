import { Command, CommanderError } from 'commander';
import { errorMessage } from '../shared/errors.ts';
import { alarmsCommand } from './commands/alarms.ts';
import { approvalsPullCommand } from './commands/approvals/pull.ts';
import { auditCheckpointCommand } from './commands/audit/checkpoint.ts';
import { auditExportCommand } from './commands/audit/export.ts';
import { auditKeygenCommand } from './commands/audit/keygen.ts';
import { auditShowCommand } from './commands/audit/show.ts';
import { auditVerifyCommand } from './commands/audit/verify.ts';
import { callbackCheckCommand } from './commands/callback/check.ts';
import { callbackRegisterCommand } from './commands/callback/register.ts';
import { cardTemplateCommand } from './commands/card/template.ts';
import { demoCommand } from './commands/demo.ts';
import { deployCommand } from './commands/deploy.ts';
import { doctorCommand } from './commands/doctor.ts';
import { eventsMatchCommand } from './commands/events/match.ts';
import { localApproveCommand } from './commands/local/approve.ts';
import { localResetCommand } from './commands/local/reset.ts';
import { localUpCommand } from './commands/local/up.ts';
import { pauseCommand } from './commands/pause.ts';
import { removeCommand } from './commands/remove.ts';
import { replayCommand } from './commands/replay.ts';
import { requestsListCommand } from './commands/requests/list.ts';
import { requestsRetryCommand } from './commands/requests/retry.ts';
import { requestsShowCommand } from './commands/requests/show.ts';
import { requestsStopCommand } from './commands/requests/stop.ts';
import { resumeCommand } from './commands/resume.ts';
import { sYamlCheckCommand } from './commands/s-yaml/check.ts';
import { setupCommand } from './commands/setup.ts';
import { whyCommand } from './commands/why.ts';
import { workflowsCheckCommand } from './commands/workflows/check.ts';
import { workflowsTryCommand } from './commands/workflows/try.ts';
import { type Io, paint, Unsuccessful, UsageError } from './io.ts';

/** Runs one command line and returns its exit code: 0 done, 1 failed, 2 wrong usage, 3 warnings of doctor, 130 interrupted. */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  try {
    await createProgram(io).parseAsync([...argv], { from: 'user' });
    return 0;
  } catch (error) {
    return exitCodeOf(error, io);
  }
}

/** Every command; tests of the documentation read command lines with it. */
export function createProgram(io: Io): Command {
  const program = new Command('approval-loop')
    .description('Closes the loop between an approval in DingTalk or Lark and a provisioned machine.')
    .addCommand(demoCommand(io))
    .addCommand(
      group('local', 'The embedded cloud, the whole loop on this machine', [
        localUpCommand(io),
        localApproveCommand(io),
        localResetCommand(io),
      ]),
    )
    .addCommand(whyCommand(io))
    .addCommand(
      group('requests', 'Requests of a running environment', [
        requestsListCommand(io),
        requestsShowCommand(io),
        requestsRetryCommand(io),
        requestsStopCommand(io),
      ]),
    )
    .addCommand(pauseCommand(io))
    .addCommand(resumeCommand(io))
    .addCommand(replayCommand(io))
    .addCommand(group('approvals', 'Approvals on the platforms', [approvalsPullCommand(io)]))
    .addCommand(
      group('audit', 'The records of what was asked, agreed and done', [
        auditVerifyCommand(io),
        auditShowCommand(io),
        auditExportCommand(io),
        auditCheckpointCommand(io),
        auditKeygenCommand(io),
      ]),
    )
    .addCommand(setupCommand(io))
    .addCommand(deployCommand(io))
    .addCommand(removeCommand(io))
    .addCommand(doctorCommand(io))
    .addCommand(alarmsCommand(io))
    .addCommand(group('workflows', 'What workflows.yaml says', [workflowsCheckCommand(io), workflowsTryCommand(io)]))
    .addCommand(group('s-yaml', 'What s.yaml deploys', [sYamlCheckCommand(io)]))
    .addCommand(group('events', 'Events and patterns', [eventsMatchCommand(io)]))
    .addCommand(group('card', 'The card of DingTalk', [cardTemplateCommand(io)]))
    .addCommand(
      group('callback', 'Callbacks of the platforms', [callbackCheckCommand(io), callbackRegisterCommand(io)]),
    );
  configure(program, io);
  return program;
}

/** Its commands stand behind its description, so that the program's help names them all. */
function group(name: string, about: string, commands: readonly Command[]): Command {
  const made = new Command(name).description(`${about}: ${commands.map((command) => command.name()).join(', ')}`);
  for (const command of commands) made.addCommand(command);
  return made;
}

/** Every command prints through `io` and throws instead of ending the process. */
function configure(command: Command, io: Io): void {
  command
    .exitOverride()
    .showHelpAfterError('(--help shows what is possible)')
    .configureOutput({ writeOut: (text) => io.out(text.trimEnd()), writeErr: (text) => io.err(text.trimEnd()) });
  for (const child of command.commands) configure(child, io);
}

function exitCodeOf(error: unknown, io: Io): number {
  // Commander has printed its help or its complaint already; help that was asked for is a success.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (io.signal.aborted) return 130;
  if (error instanceof Unsuccessful) return error.exitCode;
  io.err(`${paint(io).red('error')}: ${errorMessage(error)}`);
  return error instanceof UsageError ? 2 : 1;
}
