import type { Change } from '../../setup/change.ts';
import { LOCAL_ENVIRONMENT } from '../../setup/environments/env-file.ts';
import type { ClockPace } from '../../shared/clock.ts';
import type { PlatformName } from '../../shared/ids.ts';
import type { Names } from '../../shared/names.ts';
import type { FunctionName } from '../../shared/request/next-step.ts';
import type { Variables } from '../../shared/workflows/fill-in.ts';
import type { Workflows } from '../../shared/workflows/schema.ts';
import type { Dingtalk } from '../dingtalk/dingtalk.ts';
import type { Faults } from '../faults.ts';
import type { FunctionCompute } from '../function-compute/create-function-compute.ts';
import type { Instance } from '../instance/instance.ts';
import type { Lark } from '../lark/lark.ts';
import type { Activity } from './activity.ts';
import type { CloudState } from './cloud-state.ts';
import type { ConnectorProcess } from './start-connector.ts';

export const ENVIRONMENT = LOCAL_ENVIRONMENT;

/** How an app hears of events, a choice of its console. */
export type EventWay = 'callback' | 'connection';

export interface CloudOptions {
  /** The repository: s.yaml, dist/ and scripts/ are read from it. */
  root: string;
  /** Keeps everything: records, users on instances, messages. Made if absent. */
  directory: string;
  /** The first of nine ports in a row, or 0 for free ones. */
  port: number;
  /** How fast time runs for timers, retries and time-outs. Default 1. */
  speed?: number;
  /** How fast time runs on the instances alone. Default as `speed`. */
  instanceSpeed?: number;
  /** Where its time starts, default now: with an earlier cloud's `pace.origin` its time goes on. */
  clockOrigin?: number;
  /** How far a function's clock is off, in ms of its time. Needs a speed other than 1. */
  clockSkews?: Partial<Record<FunctionName, number>>;
  /** How the embedded platforms tell their events; both ways at once are as with two apps. Default: by callback. */
  eventWays?: readonly EventWay[];
  /** A second app of each platform starts what people ask for, and the first may not: docs/security.md. */
  startApps?: boolean;
  /** Platforms that are not embedded but the company's own, and the environment with what they need. Only at speed 1. */
  real?: { platforms: readonly PlatformName[]; environment: Variables };
  /** Seconds that every function may take, instead of those of s.yaml: how long code runs cannot be sped up. */
  functionTimeout?: number;
}

export interface Endpoints {
  event_bridge: string;
  ecs: string;
  oss: string;
  fc: string;
  dingtalk: string;
  lark: string;
  ram: string;
  sls: string;
  kms: string;
}

export interface Cloud {
  region: string;
  state: CloudState;
  names: Names;
  /** With every `${NAME}` filled in. */
  workflows: Workflows;
  endpoints: Endpoints;
  /** What the deploying shell would have for s.yaml. */
  variables: Record<string, string>;
  /** What every function gets beside what s.yaml says: endpoints and time. */
  environment: Record<string, string>;
  /** How its time runs. */
  pace: ClockPace;
  /** URL of the callback. */
  ingestUrl: string;
  /** Where flows post approvals, by event source; none unless workflows.yaml opens `http_source`. */
  httpSources: Record<string, string>;
  /** Ids of the commands by their name in workflows.yaml. */
  commandIds: Record<string, string>;
  changes: Change[];
  activity: Activity;
  faults: Faults;
  functions: FunctionCompute;
  /** The chat platforms that workflows.yaml uses; functions know of no other. */
  platforms: readonly PlatformName[];
  dingtalk: Dingtalk;
  lark: Lark;
  instances: Instance[];
  /** Those of them that are not embedded. */
  realPlatforms: readonly PlatformName[];
  /** Starts a connector for the real platforms, or for all in use where none is real; it ends with the cloud. */
  startConnector(): ConnectorProcess;
  setAgentOnline(instanceId: string, online: boolean): void;
  close(): Promise<void>;
}
