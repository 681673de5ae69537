/** When a timer trigger fires. Syntax: https://www.alibabacloud.com/help/en/functioncompute/fc/time-triggers */
export interface Schedule {
  /** The first firing after `after`, both in milliseconds since the epoch; undefined if there is none in five years. */
  next(after: number): number | undefined;
}

const UNIT_MS = new Map([
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
]);
const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const FIVE_YEARS_MS = 5 * 366 * 86_400_000;

/** `@every 5m`, `@every 1h30m`, or six fields (seconds first) with `CRON_TZ=<zone> ` before them; throws a RangeError. */
export function parseSchedule(expression: string): Schedule {
  const every = /^@every ((?:\d+[smh])+)$/.exec(expression)?.[1];
  if (every !== undefined) return parseInterval(every, expression);
  const [, zone = 'UTC', rest = ''] = /^(?:CRON_TZ=(\S+) +)?(.*)$/.exec(expression) ?? [];
  const fields = rest.split(/ +/);
  if (fields.length !== 6) throw new RangeError(`'${expression}' is neither '@every <n>m' nor a cron with 6 fields`);
  const [seconds = '', minutes = '', hours = '', days = '', months = '', weekdays = ''] = fields;
  const wallClock = wallClockOf(zone);
  const wanted = {
    second: parseField(seconds, 0, 59),
    minute: parseField(minutes, 0, 59),
    hour: parseField(hours, 0, 23),
    day: parseField(days, 1, 31),
    month: parseField(months, 1, 12, MONTHS, 1),
    // Sunday is 0 and 7: the numbers 1 to 7 mean MON to SUN.
    weekday: new Set([...parseField(weekdays, 0, 7, WEEKDAYS, 0)].map((day) => day % 7)),
  };
  const isAny = (field: string) => field === '*' || field === '?';
  // As in every cron: restricted day of month and restricted weekday are alternatives.
  const dayFits = (at: WallClock) =>
    isAny(days) || isAny(weekdays)
      ? wanted.day.has(at.day) && wanted.weekday.has(at.weekday)
      : wanted.day.has(at.day) || wanted.weekday.has(at.weekday);

  return {
    next(after) {
      let time = (Math.floor(after / 1_000) + 1) * 1_000;
      while (time < after + FIVE_YEARS_MS) {
        const at = wallClock(time);
        const restOfHour = (3_600 - at.minute * 60 - at.second) * 1_000;
        if (!wanted.month.has(at.month) || !dayFits(at) || !wanted.hour.has(at.hour)) time += restOfHour;
        else if (!wanted.minute.has(at.minute)) time += (60 - at.second) * 1_000;
        else if (!wanted.second.has(at.second)) time += 1_000;
        else return time;
      }
      return undefined;
    },
  };
}

function parseInterval(text: string, expression: string): Schedule {
  const parts = [...text.matchAll(/(\d+)([smh])/g)];
  const ms = parts.reduce((sum, [, count, unit]) => sum + Number(count) * (UNIT_MS.get(unit ?? '') ?? 0), 0);
  if (ms === 0) throw new RangeError(`'${expression}' never fires: the interval is zero`);
  return { next: (after) => after + ms };
}

/** Numbers, names, `*`, `?`, `a-b`, `a,b`, each with `/step`. */
function parseField(text: string, min: number, max: number, names: string[] = [], firstName = 0): Set<number> {
  const values = new Set<number>();
  const numberOf = (word: string) => {
    const named = names.indexOf(word.toUpperCase());
    const value = named >= 0 ? named + firstName : /^\d+$/.test(word) ? Number(word) : Number.NaN;
    if (!(value >= min && value <= max))
      throw new RangeError(`'${word}' in a cron field is not within ${min} to ${max}`);
    return value;
  };
  for (const part of text.split(',')) {
    const [, range = '', step = '1'] = /^([^/]+)(?:\/([1-9]\d*))?$/.exec(part) ?? [];
    const [low = '', high] = range.split('-');
    const any = range === '*' || range === '?';
    const from = any ? min : numberOf(low);
    const to = any ? max : high !== undefined ? numberOf(high) : part.includes('/') ? max : from;
    if (from > to) throw new RangeError(`the range '${range}' in a cron field runs backwards`);
    for (let value = from; value <= to; value += Number(step)) values.add(value);
  }
  return values;
}

interface WallClock {
  second: number;
  minute: number;
  hour: number;
  day: number;
  month: number;
  weekday: number;
}

/** What the clock on the wall shows in a zone; throws a RangeError for an unknown one. */
function wallClockOf(timeZone: string): (time: number) => WallClock {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    month: 'numeric',
    day: 'numeric',
    weekday: 'short',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  return (time) => {
    const parts = new Map(format.formatToParts(time).map(({ type, value }) => [type, value]));
    const numberOf = (type: Intl.DateTimeFormatPartTypes) => Number(parts.get(type));
    return {
      second: numberOf('second'),
      minute: numberOf('minute'),
      hour: numberOf('hour'),
      day: numberOf('day'),
      month: numberOf('month'),
      weekday: WEEKDAYS.indexOf((parts.get('weekday') ?? '').toUpperCase()),
    };
  };
}
