/** One embedded ECS instance: a private root with a disk that stays, in which scripts really run. */
export interface Instance {
  instanceId: string;
  /** Runs a script the way the Cloud Assistant agent does; never rejects for what the script does. */
  run(task: InstanceTask): Promise<InstanceResult>;
  /** Puts a file on the instance's disk, as SendFile does. Missing folders are made. */
  sendFile(file: InstanceFile): Promise<SendFileResult>;
  /** The bytes of a file on the instance's disk, for tests and tools; undefined if absent. */
  readFile(path: string): Promise<Buffer | undefined>;
  /** Ends every process of the instance and frees mounts; the disk stays. */
  close(): Promise<void>;
}

export interface InstanceTask {
  /** File name of the script on the instance, for example `onboarding-t-abc.sh`. */
  scriptName: string;
  script: Buffer;
  /** Default root. */
  username?: string;
  /** Default the home folder of the user. */
  workingDir?: string;
  /** In milliseconds of the instance's clock; then the script is killed. */
  timeoutMs: number;
  /** What is killed on time-out and stop: the main process only, or its descendants too. */
  terminationMode: 'Process' | 'ProcessTree';
  /** Aborting it stops the run. */
  signal: AbortSignal;
  /** Merged stdout and stderr as it comes. */
  onOutput: (chunk: Buffer) => void;
}

export type InstanceResult =
  /** `exitCode` is -1 when the main process was killed by a signal of its own. */
  | { end: 'exited'; exitCode: number }
  | { end: 'timeout' }
  | { end: 'stopped' }
  /** Never started: the ErrorCode as Cloud Assistant names it. */
  | { end: 'invalid'; errorCode: 'AccountNotExists' | 'DirectoryNotExists' | 'InvalidCommandText'; message: string }
  /** The instance itself failed. */
  | { end: 'error'; errorCode: 'ExecutionException'; message: string };

export interface InstanceFile {
  /** Absolute path on the instance. */
  path: string;
  content: Buffer;
  /** Octal text such as `0755`. */
  mode: string;
  owner: string;
  group: string;
  overwrite: boolean;
}

export type SendFileResult =
  | { end: 'sent' }
  | { end: 'failed'; errorCode: 'FileAlreadyExists' | 'FileCreateFail' | 'FileAuthorityInvalid'; message: string };
