/**
 * What somebody writes to the app's own robot in a group: genuine, which says nothing about its being well meant. Texts
 * are as long as the platform lets them be.
 */
export interface Question {
  /** The group by the platform's own id. */
  conversation: string;
  message_id: string;
  /** Who asks, by the id under which the platform takes approvals: a user id of DingTalk, an open id of Lark. */
  sender: string;
  /** What follows the robot's name. */
  text: string;
  /** Which robot was asked, where a company can have several in one app. */
  robot?: string | undefined;
}

/** An approval that is to be started in somebody's name. */
export interface NewApproval {
  /** The template's code. */
  code: string;
  requester: string;
  /** What people see of each field, by one of the field's names. */
  fields: readonly { field: string; value: string }[];
  /** The same key never makes a second approval, where the platform knows keys. */
  key: string;
  /** Set where an earlier call may have succeeded unheard. */
  retry?: EarlierCall;
}

export interface EarlierCall {
  /** When that was at the earliest, in ms. */
  since: number;
  /** Whether this approval is known to be somebody else's. */
  isTaken(instanceId: string): Promise<boolean>;
}

/** The side of a platform that serves those who ask in a group. Needs the right to start approvals and to write there. */
export interface Desk {
  /** A page that shows the approval, built from ids alone. */
  approvalLink(instanceId: string): string;
  /** Gives the id of the approval instance. A PermanentError is the platform's refusal of this form or this person. */
  start(approval: NewApproval): Promise<string>;
  /** Answers a question in its group; the same key is shown once, where the platform knows keys. */
  answer(question: Pick<Question, 'conversation' | 'message_id' | 'robot'>, text: string, key: string): Promise<void>;
}
