import { resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { startsOn } from '../../approval/form-values.ts';
import { type Io, paint } from '../../io.ts';
import { DEFAULT_STATE, type LocalCloud, startLocalCloud } from '../../local-cloud.ts';
import { PLATFORM_TITLES } from '../../platform-titles.ts';

const DEFAULT_PORT = 7600;

interface Options {
  port: number;
  state: string;
  speed: number;
  json?: true;
}

export function localUpCommand(io: Io): Command {
  return new Command('up')
    .description('Start the embedded cloud and keep it running until Ctrl-C')
    .option('--port <n>', `first of six ports in a row; 0 takes free ones`, parsePort, DEFAULT_PORT)
    .option('--state <dir>', 'folder that keeps records, messages and the disks of instances', DEFAULT_STATE)
    .option('--speed <n>', 'how fast time runs for timers, retries and time-outs', parseSpeed, 1)
    .option('--json', 'print one line of JSON once everything is ready')
    .addHelpText(
      'after',
      `
The line of --json holds ready_ms, region, account_id, access_key_id, access_key_secret, endpoints, functions, bus,
instances, commands, and what tests may want besides: buckets, dingtalk, lark, control, directory, pid.
Ctrl-C and SIGTERM stop everything; that is how it ends, so the exit code is 0.

Example:
  $ npm start -- --port 0 --state /tmp/loop
`,
    )
    .action((options: Options) => up(options, io));
}

async function up({ port, state, speed, json }: Options, io: Io): Promise<void> {
  const directory = resolve(io.root, state);
  if (!json) io.err('starting the embedded cloud …');
  const local = await startLocalCloud({ root: io.root, directory, port, speed });
  try {
    if (json) io.out(JSON.stringify(local.description));
    else describe(local, directory === resolve(io.root, DEFAULT_STATE) ? '' : ` --state ${quote(directory)}`, io);
    const unwatch = json ? () => {} : watchTrouble(local, io);
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
      endpoints[platform],
      `people ${description[platform].people.join(', ')}`,
    ]),
    ['callback', description.functions.ingest, 'the HTTP trigger of ingest'],
  ];
  for (const [name = '', url = '', note = ''] of rows) io.out(`${name.padEnd(18)}${url.padEnd(26)}${style.dim(note)}`);
  io.out(`${'access key'.padEnd(18)}${description.access_key_id}  ${description.access_key_secret}`);
  io.out(`\nready after ${description.ready_ms} ms. Submit an approval from a second terminal:\n`);
  const [name = '', workflow] = Object.entries(cloud.workflows.workflows)[0] ?? [];
  const example =
    name === 'onboarding'
      ? 'emp_id=E123 role=devops'
      : Object.keys(workflow?.parameters ?? {})
          .map((key) => `${key}=…`)
          .join(' ');
  const [platform = 'dingtalk'] = workflow ? startsOn(workflow) : [];
  const platformOption = platform === 'dingtalk' ? '' : ` --platform ${platform}`;
  io.out(style.bold(`  npm run -s loop -- local approve ${name} ${example}${platformOption}${stateOption}`));
  io.out('\nCtrl-C stops everything; a later start finds what has been made.');
}

/** What goes wrong in the cloud, as it happens. */
function watchTrouble({ cloud }: LocalCloud, io: Io): () => void {
  const style = paint(io);
  return cloud.activity.watch(({ level, message, fields }) => {
    if (level !== 'warn' && level !== 'error') return;
    io.err(
      `${level === 'error' ? style.red(level) : style.yellow(level)}: ${message} ${style.dim(JSON.stringify(fields))}`,
    );
  });
}

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
