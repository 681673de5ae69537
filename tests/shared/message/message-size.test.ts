import fc from 'fast-check';
import type { FinalMessage } from '../../../shared/message/render-final.ts';
import { RUN_ENDS } from '../../../shared/request/records.ts';
import { instance, MESSAGE, render } from './sample.ts';

/** DingTalk's limit, in bytes of the whole body of the call. */
const LIMIT = 20_000;

function bodySize(message: Partial<FinalMessage>, language: 'zh-CN' | 'en'): number {
  const { title, text } = render(message, { language });
  const body = { msgtype: 'markdown', markdown: { title, text }, msgUuid: 'f'.repeat(40) };
  return Buffer.byteLength(JSON.stringify(body));
}

/** A message of which every text is as long as records allow, made of this character. */
function filledWith(character: string): FinalMessage {
  const text = (length: number) => character.repeat(Math.floor(length / character.length));
  const facts = Object.fromEntries([...Array(12).keys()].map((index) => [`fact_${index}`, text(128)]));
  const parameters = Object.fromEntries([...Array(40).keys()].map((index) => [`parameter_${index}`, text(4096)]));
  const result = instance({
    instance_id: `i-${'x'.repeat(62)}`,
    status: 'Failed',
    exit_code: -2_147_483_648,
    duration_ms: 86_400_000,
    error_code: text(128),
    error_info: text(512),
    output_tail: text(2048),
    output_omitted: 1_000_000,
    facts,
  });
  return {
    requestId: `dingtalk.${'x'.repeat(64)}`,
    workflowTitle: text(64),
    subject: text(4096),
    end: 'PartialFailed',
    action: 'revoke',
    retry: { reason: text(512), by: text(128) },
    approval: { title: text(256), number: text(64) },
    requester: { id: text(128), name: text(128) },
    approvers: Array.from({ length: 50 }, () => ({ id: text(128), name: text(128), at: '2026-09-01T01:58Z' })),
    parameters,
    instances: [...Array(100).keys()].map((index) => ({ ...result, status: RUN_ENDS[index % 9] ?? 'Failed' })),
    refusal: { code: 'value_not_allowed', values: { parameter: text(64), value: text(1024), accepted: text(1024) } },
    link: `https://applink.dingtalk.com/approval/detail?corpId=ding${'x'.repeat(60)}&instanceId=${'x'.repeat(64)}`,
  };
}

const LONG: [string, string][] = [
  ['letters', 'x'],
  ['中文', '中'],
  ['emoji', '🚀'],
  ['families', '👨‍👩‍👧‍👦'],
  ['markup that becomes three bytes', '*'],
  ['quotes, which JSON escapes', '"'],
  ['backslashes', '\\'],
  ['addresses', '://'],
  ['edge underscores', '_ '],
  ['lines', 'a\n'],
  ['one mark a line', '-\n'],
  ['invisible characters', '\u202e'],
  ['controls', '\u0001'],
  ['half emoji', '\ud83d'],
];

describe.each(['zh-CN', 'en'] as const)('in %s', (language) => {
  test.each(LONG)('everything full of %s stays under the limit', (_, character) => {
    const message = filledWith(character);
    expect(bodySize(message, language)).toBeLessThanOrEqual(LIMIT);
    expect(bodySize({ ...message, refusal: undefined }, language)).toBeLessThanOrEqual(LIMIT);
  });

  test('any mixture stays under the limit, is whole and has its line with the link', () => {
    const pieces = fc.array(fc.constantFrom(...LONG.map(([, character]) => character)), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(pieces, (characters) => {
        const message = filledWith(characters.join(''));
        const { text } = render(message, { language });
        expect(bodySize(message, language)).toBeLessThanOrEqual(LIMIT);
        expect(text).toContain(`(${message.link})`);
        expect(text).not.toMatch(/\p{Surrogate}/u);
        if (!characters.includes('\ud83d')) expect(text).not.toContain('\ufffd');
      }),
      { numRuns: 30 },
    );
  });
});

test.each([
  ['中', '> 中', 3],
  ['👨‍👩‍👧‍👦', '> 👨‍👩‍👧‍👦', 3],
])('full outputs of 100 instances of %s share the room that is left', (character, start, shown) => {
  const output_tail = `${character.repeat(40)}\n`.repeat(20);
  const instances = Array.from({ length: 100 }, () => instance({ status: 'Failed', exit_code: 1, output_tail }));
  const message = { ...MESSAGE, end: 'Failed', instances } as const;
  const { lines } = render(message);
  expect(lines.filter((line) => line.startsWith('Output of '))).toHaveLength(shown);
  expect(lines.filter((line) => line.startsWith(start)).length).toBeGreaterThan(3);
  expect(bodySize(message, 'en')).toBeLessThanOrEqual(LIMIT);
});
