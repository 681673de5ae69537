/** What setup found or did about one thing, in the order in which it did it. */
export interface Change {
  kind:
    | 'bucket'
    | 'bus'
    | 'event source'
    | 'rule'
    | 'target'
    | 'command'
    | 'script'
    | 'instance'
    | 'role'
    | 'policy'
    | 'attachment';
  name: string;
  /** `not ours`: somebody else's, left as it is; `kept`: our own, and worth more than the environment. */
  did: 'created' | 'updated' | 'sent' | 'unchanged' | 'skipped' | 'not ours' | 'removed' | 'kept';
  /** Why it was skipped, kept or left alone, what was updated, or the id that was given. */
  detail?: string;
}
