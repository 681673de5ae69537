import fc from 'fast-check';
import { checkOverlay, mergeOverlay } from '../../../setup/workflows/overlay.ts';

describe('what an environment makes of a value', () => {
  test.each<[string, unknown, unknown, unknown]>([
    ['a text takes the place of a text', { a: '组' }, { a: '组 🎉' }, { a: '组 🎉' }],
    ['maps are merged key by key', { a: { b: 1, c: 2 } }, { a: { c: 3 } }, { a: { b: 1, c: 3 } }],
    ['a key that is new is added', { a: 1 }, { b: { c: 2 } }, { a: 1, b: { c: 2 } }],
    ['a list takes the place of a list', { a: [1, 2, 3] }, { a: [4] }, { a: [4] }],
    ['a map in a list is not merged', { a: [{ b: 1 }] }, { a: [{ c: 2 }] }, { a: [{ c: 2 }] }],
    ['null removes a key', { a: 1, b: 2 }, { a: null }, { b: 2 }],
    ['null removes a key of a key', { a: { b: 1, c: 2 } }, { a: { b: null } }, { a: { c: 2 } }],
    ['a map takes the place of a text', { a: 'any' }, { a: { b: ['x'] } }, { a: { b: ['x'] } }],
    ['a text takes the place of a map', { a: { b: 1 } }, { a: 'any' }, { a: 'any' }],
    [
      'false, 0 and an empty text are values',
      { a: 1, b: 1, c: 1 },
      { a: false, b: 0, c: '' },
      { a: false, b: 0, c: '' },
    ],
    ['an empty map changes nothing', { a: { b: 1 } }, { a: {} }, { a: { b: 1 } }],
    ['names of Object.prototype are names', { a: 1 }, { constructor: { b: 1 } }, { a: 1, constructor: { b: 1 } }],
  ])('%s', (_, base, overlay, merged) => {
    expect(mergeOverlay(base, overlay)).toEqual(merged);
  });

  test('nothing that is below is changed, whatever the overlay says', () => {
    fc.assert(
      fc.property(fc.object(), fc.object({ withNullPrototype: false }), (base, overlay) => {
        const before = structuredClone(base);
        mergeOverlay(base, overlay);
        expect(base).toEqual(before);
      }),
    );
  });

  test('laid on a second time changes nothing more', () => {
    const json = fc.jsonValue({ maxDepth: 4 });
    fc.assert(
      fc.property(json, json, (base, overlay) => {
        const once = mergeOverlay(base, overlay);
        expect(mergeOverlay(once, overlay)).toEqual(once);
      }),
    );
  });
});

describe('an overlay', () => {
  const BASE = { workflows: { onboarding: { approvers: { min: 1 } }, revoke: {} } };

  test.each([
    ['that changes a value', { workflows: { onboarding: { approvers: { min: 2 } } } }],
    ['that removes what is there', { workflows: { onboarding: null } }],
    ['that removes what is there and null', { a: { b: null } }, { a: { b: null } }],
    ['that adds', { chats: { 运维: {} } }],
  ])('%s is right', (_, overlay, base: object = BASE) => {
    expect(checkOverlay(base, overlay)).toEqual([]);
  });

  test.each([
    ['is empty', null],
    ['is a text', 'prod'],
    ['is a list', [{ workflows: {} }]],
  ])('that %s is wrong', (_, overlay) => {
    expect(checkOverlay(BASE, overlay)).toEqual([
      {
        severity: 'fault',
        path: [],
        message: 'must be a map of what differs from workflows.yaml; without anything that differs delete the file',
      },
    ]);
  });

  test.each([
    ['of a workflow', { workflows: { onbording: null } }, ['workflows'], 'onbording', ['onboarding', 'revoke']],
    ['in what it adds', { chats: { ops: { lark: null } } }, ['chats', 'ops'], 'lark', []],
    ['of a name of Object.prototype', { toString: null }, [], 'toString', ['workflows']],
  ])('whose null removes nothing, %s, is wrong: it means something else', (_, overlay, path, key, knownKeys) => {
    const message = `${[...path, key].join('.')}: null removes what workflows.yaml has here, and it has nothing`;
    expect(checkOverlay(BASE, overlay)).toEqual([{ severity: 'fault', path, message, unknownKeys: [key], knownKeys }]);
  });
});
