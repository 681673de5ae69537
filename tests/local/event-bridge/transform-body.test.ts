import { parseJsonPath } from '../../../local/event-bridge/json-path.ts';
import type { TargetParameter } from '../../../local/event-bridge/rule-target.ts';
import { transformBody } from '../../../local/event-bridge/transform-body.ts';

const event = JSON.parse(`{
  "id": "e-1", "source": "acs.ecs", "subject": "acs:ecs:1",
  "data": {
    "name": "test", "state": "RUNNING", "n": 1.5, "yes": true, "none": null, "empty": "",
    "quote": "a \\"b\\"\\n<i>&'中文' 🚀</i>", "list": ["x", {"y": 2}], "object": {"emp-id": "E123"},
    "digits": "0042", "placeholder": "\${name}", "a.b": "dotted", "__proto__": {"own": "harmless"}
  }
}`);

function transform(parameter: Partial<TargetParameter> | undefined): unknown {
  const body: TargetParameter[] = parameter ? [{ ResourceKey: 'Body', Form: 'ORIGINAL', ...parameter }] : [];
  const constant: TargetParameter = { ResourceKey: 'functionName', Form: 'CONSTANT', Value: 'fn' };
  return transformBody({ Id: 'fc', Type: 'acs.fc.function', Endpoint: 'x', ParamList: [constant, ...body] }, event);
}

describe('ORIGINAL', () => {
  test.each([
    ['the form', { Form: 'ORIGINAL' } as const],
    ['the form with a value that means nothing', { Form: 'ORIGINAL', Value: '$.data' } as const],
    ['no parameter Body', undefined],
  ])('%s gives the whole event', (_, parameter) => {
    expect(transform(parameter)).toBe(event);
  });
});

describe('CONSTANT', () => {
  test.each([
    ['固定 🚀', '固定 🚀'],
    ['$.data.name', '$.data.name'],
    ['{"a":1}', { a: 1 }],
    ['', ''],
  ])('%s', (Value, body) => {
    expect(transform({ Form: 'CONSTANT', Value })).toEqual(body);
  });
});

describe('JSONPATH', () => {
  test.each([
    ['$.data.name', 'test'],
    ['$.data.n', 1.5],
    ['$.data.yes', true],
    ['$.data.none', null],
    ['$.data.empty', ''],
    ['$.data.nothing', null],
    ['$.data.list[1].y', 2],
    ['$.data.list', ['x', { y: 2 }]],
    ['$.data.object', { 'emp-id': 'E123' }],
    ["$['data']['a.b']", 'dotted'],
    ['$.data["object"].emp-id', 'E123'],
    ['$.data.__proto__.own', 'harmless'],
    ['$.data.toString', null],
    ['$.data.list.length', null],
    ['$.data.name[0]', null],
  ])('%s', (Value, body) => {
    expect(transform({ Form: 'JSONPATH', Value })).toEqual(body);
  });

  test('$ is the whole event', () => {
    expect(transform({ Form: 'JSONPATH', Value: '$' })).toEqual(event);
  });

  test.each([
    'data.name',
    '',
    '$.',
    '$data',
    '$..name',
    '$.*',
    '$.list[*]',
    '$.list[0,1]',
    '$.list[0:1]',
    '$.list[?(@.y)]',
    '$.list[-1]',
    "$['a",
    '$.a b',
  ])('%s is no path to one place', (text) => {
    expect(parseJsonPath(text)).toBeUndefined();
  });
});

describe('TEMPLATE', () => {
  const fill = (template: string, variables: object) =>
    transform({ Form: 'TEMPLATE', Value: JSON.stringify(variables), Template: template });

  test("the document's example", () => {
    const body = fill(`{"n":"\${name}","s":[9,"\${state}",true]}`, { name: '$.data.name', state: '$.data.state' });
    expect(body).toEqual({ n: 'test', s: [9, 'RUNNING', true] });
  });

  test.each([
    [
      'a number, an object and a list without quotes',
      `[\${n},\${o},\${l}]`,
      [1.5, { 'emp-id': 'E123' }, ['x', { y: 2 }]],
    ],
    ['null as the text null', `x\${none}x`, 'xnullx'],
    ['nothing for a path that leads nowhere', `x\${missing}x`, 'xx'],
    ['a constant', `x\${constant} \${number}`, 'x固定 🚀 7'],
    ['a path to several places as a constant', `x\${many}`, 'x$.data.*'],
    ['a name that is no variable as it stands', `x\${unknown} \${}`, `x\${unknown} \${}`],
    ['a name of an inherited property as it stands', `\${toString}`, `\${toString}`],
    ['what comes in as text, not as template', `\${placeholder}`, `\${name}`],
    ['a string escaped for JSON', `{"t":"\${jsonEscape(quote)}"}`, { t: `a "b"\n<i>&'中文' 🚀</i>` }],
    [
      'a string escaped for HTML',
      `\${htmlEscape(quote)}`,
      'a &quot;b&quot;\n&lt;i&gt;&amp;&#39;中文&#39; 🚀&lt;/i&gt;',
    ],
    ['an unknown function as it stands', `\${upper(name)}`, `\${upper(name)}`],
    ['text that is no JSON', `"\${quote}"`, `"a "b"\n<i>&'中文' 🚀</i>"`],
    ['a text of digits as JSON reads it', `\${digits}`, '0042'],
  ])('%s', (_, template, body) => {
    const variables = {
      n: '$.data.n',
      o: '$.data.object',
      l: '$.data.list',
      none: '$.data.none',
      missing: '$.data.missing.too',
      constant: '固定 🚀',
      number: 7,
      many: '$.data.*',
      placeholder: '$.data.placeholder',
      quote: '$.data.quote',
      digits: '$.data.digits',
      name: '$.data.name',
    };
    expect(fill(template, variables)).toEqual(body);
  });

  test('no variables leave the template unchanged', () => {
    expect(fill(`\${name}`, {})).toBe(`\${name}`);
  });
});
