import type { Cloud, CloudOptions } from '../../local/cloud/cloud.ts';
import type { CloudDescription } from '../../local/cloud/cloud-description.ts';
import type { PlatformName } from '../../shared/ids.ts';
import type { ApprovalOrder } from '../approval/open-desk.ts';
import type { Watched } from '../approval/run-approval.ts';

/** What a scenario plays on. */
export interface Stage {
  cloud: Cloud;
  description: CloudDescription;
  platform: PlatformName;
  workflow: string;
  /** Its example form, by component id. */
  form: Readonly<Record<string, string>>;
  say(line: string): void;
  /** Submits the approval, decides it and prints its way until it is closed. */
  approve(order: ApprovalOrder): Promise<Watched>;
  /** The same request looked at once more, with every step seen so far. */
  lookAgain(requestId: string): Promise<Watched>;
  /** A command line on the instance, as an administrator would type it there. */
  onInstance(script: string): Promise<void>;
}

/** A claim about how the case went, and whether it is true. */
export interface Check {
  what: string;
  holds: boolean;
}

export interface Played {
  watched: Watched;
  checks: Check[];
}

export interface Scenario {
  /** One sentence: what is shown. */
  about: string;
  cloudOptions?: Pick<CloudOptions, 'instanceSpeed'>;
  play(stage: Stage): Promise<Played>;
}
