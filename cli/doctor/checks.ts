import type { Check } from './check.ts';
import { agents } from './checks/agents.ts';
import { alerts } from './checks/alerts.ts';
import { buckets } from './checks/buckets.ts';
import { bus } from './checks/bus.ts';
import { callback } from './checks/callback.ts';
import { chats } from './checks/chats.ts';
import { clocks } from './checks/clocks.ts';
import { code } from './checks/code.ts';
import { commands } from './checks/commands.ts';
import { dingtalk } from './checks/dingtalk.ts';
import { functions } from './checks/functions.ts';
import { lark } from './checks/lark.ts';
import { probe } from './checks/probe.ts';
import { quota } from './checks/quota.ts';
import { roles } from './checks/roles.ts';
import { scripts } from './checks/scripts.ts';
import { secrets } from './checks/secrets.ts';
import { sweeps } from './checks/sweeps.ts';

/** Everything that is looked at once the services take the key, in the order in which a request comes to it. */
export const CHECKS: readonly Check[] = [
  clocks,
  buckets,
  bus,
  roles,
  secrets,
  functions,
  code,
  callback,
  dingtalk,
  lark,
  chats,
  commands,
  agents,
  scripts,
  probe,
  sweeps,
  quota,
  alerts,
];
