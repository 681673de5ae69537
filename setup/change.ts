/** What setup found or did about one thing, in the order in which it did it. */
export interface Change {
  kind:
    | 'function'
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
    | 'attachment'
    | 'subscription'
    | 'alert'
    | 'secret';
  name: string;
  /**
   * `not ours`: somebody else's beside our own, left as it is; `refused`: it stands in the way and setup will not change
   * it, so that the environment cannot be as it should; `kept`: our own, and worth more than the environment.
   */
  did: 'created' | 'updated' | 'sent' | 'unchanged' | 'skipped' | 'not ours' | 'refused' | 'removed' | 'kept';
  /** Why it was skipped, refused, kept or left alone, what was updated, or the id that was given. */
  detail?: string;
}
