import { resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { Cloud } from '../../../local/cloud/cloud.ts';
import { PLATFORM_NAMES, type PlatformName, parseRequestId } from '../../../shared/ids.ts';
import type { LogEntry } from '../../../shared/log.ts';
import { startsOn } from '../../approval/form-values.ts';
import { STEPS } from '../../approval/steps.ts';
import { type Io, paint, UsageError } from '../../io.ts';
import { DEFAULT_STATE, defaultStateFor, type LocalCloud, startLocalCloud } from '../../local-cloud.ts';
import { PLATFORM_TITLES } from '../../platform-titles.ts';

const DEFAULT_PORT = 7600;

interface Options {
  port: number;
  state: string;
  speed: number;
  with?: PlatformName[];
  json?: true;
}

export function localUpCommand(io: Io): Command {
  return new Command('up')
    .description('Start the embedded cloud and keep it running until Ctrl-C')
    .option('--port <n>', `first of nine ports in a row; 0 takes free ones`, parsePort, DEFAULT_PORT)
    .option('--state <dir>', 'folder that keeps records, messages and the disks of instances', DEFAULT_STATE)
    .option('--speed <n>', 'how fast time runs for timers, retries and time-outs', parseSpeed, 1)
    .addOption(
      new Option('--with <platform...>', 'connect to the real one, with the app that the environment names').choices(
        PLATFORM_NAMES,
      ),
    )
    .option('--json', 'print one line of JSON once everything is ready')
    .addHelpText(
      'after',
      `
The line of --json holds ready_ms, region, account_id, access_key_id, access_key_secret, endpoints, functions,
http_sources (where workflows.yaml opens one: docs/http-source.md), bus, instances, commands, and what tests may want besides: buckets, dingtalk, lark, real_platforms, control, directory, pid.
With a real platform its events come over Stream or a long connection, its API is asked, and its group gets the
message; everything else stays embedded, in a folder of its own (.approval-loop-dingtalk). docs/first-try.md says what
to create there; what the environment lacks is listed. Time runs at speed 1.
Ctrl-C and SIGTERM stop everything; that is how it ends, so the exit code is 0.

Examples:
  $ npm start -- --port 0 --state /tmp/loop
  $ npm start -- --with dingtalk
`,
    )
    .action((options: Options, command: Command) => {
      const isChosen = command.getOptionValueSource('state') !== 'default';
      return up(isChosen ? options : { ...options, state: defaultStateFor(options.with ?? []) }, io);
    });
}

async function up({ port, state, speed, with: platforms, json }: Options, io: Io): Promise<void> {
  const directory = resolve(io.root, state);
  if (platforms && speed !== 1) throw new UsageError('a real platform has the time of the world: leave --speed out');
  if (!json) io.err('starting the embedded cloud …');
  const real = platforms && { real: { platforms: [...new Set(platforms)], environment: io.env } };
  const local = await startLocalCloud({ root: io.root, directory, port, speed, ...real });
  try {
    if (json) io.out(JSON.stringify(local.description));
    else describe(local, directory === resolve(io.root, DEFAULT_STATE) ? '' : ` --state ${quote(directory)}`, io);
    const unwatch = json ? () => {} : watch(local, io);
    await interrupted(io.signal);
    unwatch();
    if (!json) io.err('stopping …');
  } finally {
    await local.close();
  }
}

/** `stateOption` makes the line to paste find this cloud where it is not in the default folder. */
function describe({ description, cloud }: LocalCloud, stateOption: string, io: Io): void {
  const style = paint(io);
  const { endpoints } = description;
  const rows = [
    ['EventBridge', endpoints.event_bridge, `bus ${description.bus}`],
    ['ECS', endpoints.ecs, `instances ${description.instances.join(', ')}`],
    ['OSS', endpoints.oss, `buckets ${description.buckets.records}, ${description.buckets.work}`],
    ['Function Compute', endpoints.fc, `region ${description.region}, account ${description.account_id}`],
    ...cloud.platforms.map((platform) => [
      PLATFORM_TITLES[platform],
      ...(cloud.realPlatforms.includes(platform)
        ? ["the company's own", 'connected']
        : [endpoints[platform], `people ${description[platform].people.join(', ')}`]),
    ]),
    ['callback', description.functions.ingest, 'the HTTP trigger of ingest'],
    ...Object.entries(description.http_sources).map(([source, url]) => ['HTTP source', url, source]),
  ];
  for (const [name = '', url = '', note = ''] of rows)
    io.out(`${name.padEnd(18)}${url.padEnd(24)}  ${style.dim(note)}`);
  io.out(`${'access key'.padEnd(18)}${description.access_key_id}  ${description.access_key_secret}`);
  io.out(`\nready after ${description.ready_ms} ms. ${inviteFor(cloud, stateOption, style.bold)}`);
  io.out('\nCtrl-C stops everything; a later start finds what has been made.');
}

/** What to do next. */
function inviteFor(cloud: Cloud, stateOption: string, bold: (text: string) => string): string {
  const workflows = Object.entries(cloud.workflows.workflows);
  if (cloud.realPlatforms.length > 0) {
    const isReal = (platform: PlatformName) => cloud.realPlatforms.includes(platform);
    const forms = workflows.filter(([, { on }]) => PLATFORM_NAMES.some((name) => on[name] && isReal(name)));
    const where = cloud.realPlatforms.map((name) => PLATFORM_TITLES[name]).join(' or ');
    return `Submit ${forms.map(([, { title }]) => title).join(' or ')} in ${where} on a phone; what happens appears here.`;
  }
  const [name = '', workflow] = workflows[0] ?? [];
  const example =
    name === 'onboarding'
      ? 'emp_id=E123 role=devops'
      : Object.keys(workflow?.parameters ?? {})
          .map((key) => `${key}=…`)
          .join(' ');
  const [platform = 'dingtalk'] = workflow ? startsOn(workflow) : [];
  const platformOption = platform === 'dingtalk' ? '' : ` --platform ${platform}`;
  const line = `  npm run -s loop -- local approve ${name} ${example}${platformOption}${stateOption}`;
  return `Submit an approval from a second terminal:\n\n${bold(line)}`;
}

/** What goes wrong in the cloud as it happens, and the steps of what somebody submits on a phone. */
function watch({ cloud }: LocalCloud, io: Io): () => void {
  const style = paint(io);
  const tell = ({ time, level, message, fields }: LogEntry) => {
    const isTrouble = level === 'warn' || level === 'error';
    const requestId = String(fields['request_id']);
    const platform = parseRequestId(requestId)?.platform;
    if (isTrouble) {
      const name = level === 'error' ? style.red(level) : style.yellow(level);
      io.err(`${name}: ${message} ${style.dim(JSON.stringify(fields))}`);
    } else if (platform && cloud.realPlatforms.includes(platform) && SHOWN.has(message)) {
      io.out(`${style.dim(time.slice(11, 19))}  ${message.padEnd(20)}${style.dim(requestId)}`);
    }
  };
  return cloud.activity.watch(tell);
}

/** Of an approval that comes over a connection. */
const SHOWN: ReadonlySet<string> = new Set(['event verified', ...STEPS]);

/** As one word of a shell. */
function quote(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function interrupted(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) return done();
    signal.addEventListener('abort', () => done(), { once: true });
  });
}

function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : -1;
  if (port < 0 || port > 65_529) throw new InvalidArgumentError('a port is 0 to 65529.');
  return port;
}

function parseSpeed(text: string): number {
  const speed = Number(text);
  if (!(speed >= 0.01 && speed <= 1000)) throw new InvalidArgumentError('a speed is 0.01 to 1000.');
  return speed;
}
