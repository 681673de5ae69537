import type { Change } from '../../setup/change.ts';
import { error, type Finding, note, warning } from './finding.ts';

/** What setup would do as what doctor finds: the diff is made in one place, by setup. */
export function fromChanges(changes: readonly Change[], mend: string): Finding[] {
  return changes.flatMap((change) => toFinding(change, mend) ?? []);
}

function toFinding({ kind, name, did, detail = '' }: Change, mend: string): Finding | undefined {
  const what = `${kind} ${name}`;
  switch (did) {
    case 'created':
      return error(what, 'is missing', mend);
    case 'updated':
      return error(what, detail === '' ? 'is not as setup makes it' : `is not as setup makes it: ${detail}`, mend);
    case 'skipped':
      return error(what, detail, 'see there, then look again');
    case 'refused':
      return toObstacle(what, detail);
    case 'not ours':
      return toForeign(kind, what, detail);
    case 'removed':
      return warning(what, 'is there and no longer wanted', mend);
    // A script is sent at every time.
    case 'sent':
    case 'unchanged':
    case 'kept':
      return undefined;
  }
}

/** Setup says what stands in its way, and behind a semicolon what to do about it. */
function toObstacle(what: string, detail: string): Finding {
  const [seen = '', ...mend] = detail.split('; ');
  return error(what, seen, mend.join('; '));
}

/** A rule beside ours is nobody's harm. */
function toForeign(kind: Change['kind'], what: string, detail: string): Finding {
  if (kind === 'attachment') return warning(what, 'is attached to the role of a function', detail);
  return note(what, 'was not made by setup and is left alone');
}
