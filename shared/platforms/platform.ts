import type { Person, PressKind } from '../events.ts';
import type { PlatformName } from '../ids.ts';
import type { OutgoingMessage } from '../message/outgoing-message.ts';
import type { Refusal } from '../request/records.ts';
import type { Desk, Question } from './desk.ts';

/** A callback as it came over HTTP: the signature is checked over exactly these bytes. */
export interface CallbackRequest {
  method: string;
  query: Readonly<Record<string, string>>;
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>;
  body: Buffer;
}

export interface CallbackReply {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** An approval that a callback says is finished. A hint: everything in it is looked up again. */
export interface ApprovalHint {
  instance_id: string;
  code: string;
}

/** What an event of the platform says, whichever way it came; `code` is absent where it is not about an approval. */
export type ApprovalEvent =
  | { kind: 'granted' | 'revoked'; hint: ApprovalHint }
  | { kind: 'other'; code?: string; reason: string };

/** Somebody pressed a button of a message of ours. Who it is the platform says; whether they may is not decided yet. */
export interface Press {
  what: PressKind;
  requestId: string;
  /** The platform's id of whoever pressed. */
  operator: string;
  messageId: string;
}

/** What whoever pressed is told. */
export interface PressAnswer {
  kind: 'taken' | 'refused';
  text: string;
}

export type CallbackOutcome =
  /** The platform tests the URL; the reply is all it wants. The one to a challenge repeats the challenge. */
  | { kind: 'check' | 'challenge'; reply: CallbackReply; message: string }
  /**
   * An approved request or, with `reversal`, one that was approved and has been revoked; sent at `sentAt` (ms) as its
   * sender says. `reply` may be sent once the request is durable.
   */
  | { kind: 'event'; hint: ApprovalHint; reversal?: true; sentAt: number; reply: CallbackReply; message: string }
  /** Somebody writes to the app's robot in a group. `reply` may be sent once the question is durable. */
  | { kind: 'question'; question: Question; reply: CallbackReply; message: string }
  /** `answer` tells whoever pressed, once what is asked for is durable; `reply` tells nothing. */
  | { kind: 'press'; press: Press; answer: (told: PressAnswer) => CallbackReply; reply: CallbackReply; message: string }
  /** Genuine, but none of our business; `reason` says why. */
  | { kind: 'ignored'; reason: string; reply: CallbackReply; message: string }
  /** Not genuine or not readable. `reason` is for the log: the caller learns nothing from the reply. */
  | { kind: 'rejected'; reason: string; reply: CallbackReply };

export interface FormField {
  /**
   * The names the field can be mapped by in the order of their weight, '' for none: those that only the form's makers
   * see before the label, which anyone who edits the form can change.
   */
  names: readonly string[];
  /** One text, or several for a component that holds several. */
  value: string | readonly string[];
}

/** An approval as the platform's API tells it. */
export interface Approval {
  instance_id: string;
  /** The template's code, confirmed by the platform. */
  code: string;
  title: string;
  number: string;
  /** `revoked`: it was approved, and the platform itself says that it no longer is. */
  state: 'approved' | 'pending' | 'not approved' | 'revoked';
  /** Only an `original` may provision; the others change or undo an earlier one. */
  kind: 'original' | 'modification' | 'revocation';
  /** The approval instance that a modification or a revocation is about, where the platform says so. */
  about?: string | undefined;
  /** Approval instances that modify or revoke this one. */
  attached: readonly string[];
  requester: Person;
  /** People who really pressed "agree", in order, each once. */
  approvers: readonly (Person & { at: string })[];
  fields: readonly FormField[];
}

export type ReadApproval = { kind: 'approval'; approval: Approval } | { kind: 'refused'; refusal: Refusal };

/** One way to a group of people. */
export interface Channel {
  /** What the platform takes in all, as bytes of JSON. */
  maxBytes: number;
  /** Whoever sends more than 20 messages a minute here is silenced for a while. */
  isLimited: boolean;
  /** Resolves with the id of the message, '' where the platform names none. */
  post(message: OutgoingMessage): Promise<string>;
  /** Absent where a message that is out stays as it is. */
  update?: (id: string, message: OutgoingMessage) => Promise<void>;
  /** Whether people can press buttons there. */
  hasButtons?: true;
  /** How often one message may change on its way. */
  maxUpdates: number;
}

/** What accepts an approval needs of its platform, however word of it came. */
export interface ApprovalReader {
  name: PlatformName;
  /** The company this platform's app belongs to. */
  tenant: string;
  readApproval(hint: ApprovalHint, signal?: AbortSignal): Promise<ReadApproval>;
  /** What a person is called, or the id where the platform does not tell. */
  personName(id: string, signal?: AbortSignal): Promise<string>;
  desk: Desk;
}

/**
 * One approval platform is a folder that implements these two: the side that ingest needs and the side that notify
 * needs, so that each function holds only the secrets of its side. A third platform is a new folder and one line in
 * each of the two lists.
 */
export interface ApprovalSource extends ApprovalReader {
  /** Whether this request looks like a callback of this platform; says nothing about its being genuine. */
  recognises(request: CallbackRequest): boolean;
  openCallback(request: CallbackRequest): CallbackOutcome;
  /** Ids of the template's approvals that were begun since then and granted; others that were decided may be there too. */
  listDecided(code: string, since: number): Promise<string[]>;
  /**
   * Gives each callback that the platform could not deliver to `keep`, which must have stored it when it resolves: what
   * was handed out is gone from the platform with the next call.
   */
  takeUndelivered(keep: (hint: ApprovalHint) => Promise<void>): Promise<void>;
}

export interface Messenger {
  name: PlatformName;
  /** A page that shows the approval, built from ids alone. */
  approvalLink(instanceId: string): string;
  /** Makes the text of others harmless in this platform's markup. */
  escape(text: string): string;
  /** The way to a chat by its configured name; undefined if this platform has no such chat. */
  channel(chat: string): Channel | undefined;
  /** Whether an error of this code is about the words of a message: another text may be taken. */
  refusesContent(code: string): boolean;
  /** In private, to each of these people. Absent where the app's own credentials are not configured. */
  tell?: (people: readonly string[], message: OutgoingMessage) => Promise<void>;
  /**
   * Writes on the approval itself in the name of `as`, once: a comment that holds `marker` already is not repeated.
   * Absent where the app's own credentials are not configured.
   */
  comment?: (instanceId: string, as: string, comment: { text: string; marker: string }) => Promise<void>;
}

/** The one of this name; a record that names another is for an environment configured differently. */
export function findByName<T extends { name: PlatformName }>(platforms: readonly T[], name: PlatformName): T {
  const found = platforms.find((platform) => platform.name === name);
  if (!found) throw new Error(`the platform ${name} is not configured in this environment`);
  return found;
}
