/** What setup found or did about one thing, in the order in which it did it. */
export interface Change {
  kind: 'bucket' | 'bus' | 'event source' | 'rule' | 'command' | 'script';
  name: string;
  did: 'created' | 'updated' | 'sent' | 'unchanged' | 'skipped';
  /** Why it was skipped, or the id that was given. */
  detail?: string;
}
