import { isFormatted, readOptions } from '../../../cli/s-component/options.ts';

test('takes the options of the stock component, and the tool’s own that stand among them', () => {
  const args = ['invoke', '--template', 's.local.yaml', '-f', 'event.json', '--silent', '-o', 'json', '--debug', '-y'];
  expect(readOptions(args)).toEqual({
    verb: 'invoke',
    event: undefined,
    eventFile: 'event.json',
    state: '.approval-loop',
  });
});

test.each([
  ['-e', ['invoke', '-e', '{"a":1}'], '{"a":1}'],
  ['--event', ['--event', '', 'invoke'], ''],
])('%s is the event itself, empty or not', (_what, args, event) => {
  expect(readOptions(args)).toMatchObject({ verb: 'invoke', event });
});

test('--state names another embedded cloud', () => {
  expect(readOptions(['start', '--state', '/tmp/loop'])).toMatchObject({ verb: 'start', state: '/tmp/loop' });
});

test.each([
  ['no verb', [], /^"local " is not known; use "local invoke" with -e <json>, -f <file> or an event on stdin, or/],
  ['another verb', ['deploy'], /^"local deploy" is not known; use/],
  ['a second word', ['invoke', 'ingest'], /^"ingest" is one word too many; use/],
  ['two events', ['invoke', '-e', '{}', '-f', 'x.json'], /^-e and -f exclude each other; give one$/],
  ['an event for start', ['start', '-e', '{}'], /^"local start" takes no event: requests to its URL are the events$/],
  ['an unknown option', ['invoke', '--shine'], /Unknown option '--shine'; use "local invoke" with/],
  ['a debugger', ['invoke', '-d', '9229'], /Unknown option '-d'; use/],
  ['an option without its value', ['invoke', '-f'], /Option '-f, --event-file <value>' argument missing; use/],
])('%s is refused, with what there is', (_what, args, message) => {
  expect(() => readOptions(args)).toThrow(message);
});

test.each([
  [['invoke', '-o', 'json'], true],
  [['invoke', '--output-format', 'yaml', '--shine'], true],
  [['invoke', '-o', 'default'], false],
  [['invoke', '--silent'], false],
])('whether stdout is for the tool’s format alone: %j %s', (args, formatted) => {
  expect(isFormatted(args)).toBe(formatted);
});
