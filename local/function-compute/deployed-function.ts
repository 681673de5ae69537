import type {
  CheckedDefinition,
  HttpTriggerDefinition,
  ScalingConfig,
  TimerTriggerDefinition,
} from './function-definition.ts';
import type { InstancePool } from './instance-pool.ts';

/** A function as it stands now; an update changes it in place, so that triggers and retries see the new version. */
export interface DeployedFunction {
  definition: Omit<CheckedDefinition, 'triggers' | 'warm'>;
  functionId: string;
  /** Milliseconds since the epoch, as all times here. */
  createdTime: number;
  lastModifiedTime: number;
  code: CodePackage;
  credentials: Credentials;
  pool: InstancePool;
  scaling?: ScalingConfig | undefined;
  triggers: Map<string, DeployedTrigger>;
  /** Ids of asynchronous tasks that were accepted. */
  taskIds: Set<string>;
  /** Aborted when the function is deleted or the platform closes. */
  removal: AbortController;
}

export interface CodePackage {
  /** CRC-64 of the zip, or of the handler's file when the code came as a folder. */
  checksum: string;
  bytes: number;
}

/** Temporary key of the function's role; all empty without a role. */
export interface Credentials {
  accessKeyId: string;
  accessKeySecret: string;
  securityToken: string;
}

interface TriggerBase {
  triggerId: string;
  createdTime: number;
  lastModifiedTime: number;
  close(): Promise<void>;
}

export interface DeployedHttpTrigger extends TriggerBase {
  definition: HttpTriggerDefinition;
  /** Where it listens. */
  url: string;
}

export interface DeployedTimerTrigger extends TriggerBase {
  definition: TimerTriggerDefinition;
  url?: undefined;
}

export type DeployedTrigger = DeployedHttpTrigger | DeployedTimerTrigger;
