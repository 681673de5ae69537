import { PRESS_KINDS, type PressKind } from '../shared/events.ts';
import { ANSWER, REQUEST_ID } from '../shared/platforms/dingtalk/card-press.ts';
import { CARD_VARIABLES, type CardVariable, labelOf, PARAGRAPHS } from '../shared/platforms/dingtalk/card-variables.ts';

/** One component of the editor's tree. */
interface Component {
  componentName: string;
  id: string;
  title: string;
  props: object;
  children?: Component[];
}

/**
 * The card template as the editor of the card platform exports and imports it (更多 > 导入). The platform does not document
 * the format: it is that of the vendor's own exported examples, https://github.com/open-dingtalk/dingtalk-card-examples ,
 * of which only what this card needs is here; the editor fills in the rest, and compiles `widgetInfo` when it saves.
 */
export function cardTemplate(): { type: string; mode: string; widgetInfo: string; editorData: string } {
  return { type: 'im', mode: 'card', widgetInfo: '', editorData: JSON.stringify(editorData()) };
}

function editorData(): object {
  const tree = card();
  return {
    schemaVersion: '3.0.0',
    schema: { version: '1.0.0', componentsMap: componentsMap(tree), componentsTree: [tree], i18n: {} },
    mockData: mockData(),
    editVersion: 0,
    customWidgetInfo: '',
    useCustomWidgetInfo: false,
    variableList: CARD_VARIABLES.map((variable) => ({ ...variable, id: variable.name, editorVarType: 'variables' })),
    formList: [],
    expList: [],
    localList: [],
    hsfList: [],
    lwpList: [],
    extension: { extendType: 'NORMAL', fileTypeList: [] },
  };
}

/** What the editor's preview shows. */
function mockData(): object {
  const valuesOf = (isPrivate: boolean) =>
    Object.fromEntries(
      CARD_VARIABLES.filter((variable) => variable.private === isPrivate).map(({ name, description }) => [
        name,
        description,
      ]),
    );
  return { cardData: valuesOf(false), cardPrivateData: valuesOf(true), localData: {}, richTextData: {} };
}

function card(): Component {
  const children = [
    component('CardHeaderV2', 'title', '卡片头部', { title: dynamicString(placeholder('title')) }),
    ...PARAGRAPHS.map(paragraph),
    ...PRESS_KINDS.map(button),
    component('BaseText', ANSWER, '基础文本', {
      text: dynamicString(placeholder(ANSWER)),
      ...MARGINS,
      ...shownWith(ANSWER),
    }),
  ];
  const props = { summaryContent: { type: 'variableValue', variable: 'title', variableType: 'global' } };
  return { ...component('Card', 'card', '', props), children };
}

function paragraph({ name }: Pick<CardVariable, 'name'>): Component {
  const content = { type: 'dynamicMarkdown', valueType: 'variable', value: '', variable: name, variableType: 'global' };
  return component('Markdown', name, 'Markdown 内容', { content, ...MARGINS, ...shownWith(name) });
}

/** 回传请求: the press goes to the app with this action and the request that the card is about. */
function button(what: PressKind): Component {
  return component('SingleButton', labelOf(what), '单个按钮', {
    text: dynamicString(placeholder(labelOf(what))),
    actionType: 'request',
    actionId: dynamicString(what),
    params: [{ id: '1', type: 'variable', name: REQUEST_ID, value: '', variable: REQUEST_ID, variableType: 'global' }],
    ...MARGINS,
    ...shownWith(labelOf(what)),
  });
}

const MARGINS = { marginLeft: 12, marginRight: 12, marginTop: 8, marginBottom: 8 };

/** Only while the variable holds something. */
function shownWith(variable: string): object {
  const condition = {
    type: 'variable',
    variable,
    variableType: 'global',
    op: 'isNotEmpty',
    value: '',
    valueType: 'fixed',
    valueVariableType: 'global',
  };
  const visible = { type: 'dynamicVisible', value: true, valueType: 'condition' };
  return { visible: { ...visible, condition: { op: 'and', conditions: [condition] } } };
}

/** How a text of the template names a variable. */
function placeholder(variable: string): string {
  return `\${${variable}}`;
}

function dynamicString(content: string): object {
  return { type: 'dynamicString', content, i18n: false };
}

function component(componentName: string, id: string, title: string, props: object): Component {
  const state = { hidden: false, isLocked: false, condition: true, conditionGroup: '' };
  return { componentName, id: `node_${id}`, title, props, ...state };
}

/** Each kind of component once, as the tree needs it. */
function componentsMap(tree: Component): object[] {
  const names = new Set([...(tree.children ?? []), tree].map(({ componentName }) => componentName));
  return [...names].map((componentName) => ({
    package: '@ali/dxComponent',
    version: '1.0.0',
    exportName: componentName,
    main: './src/index.tsx',
    destructuring: false,
    subName: '',
    componentName,
  }));
}
