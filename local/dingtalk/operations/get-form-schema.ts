import { NewApiError } from '../api-errors.ts';
import type { Operation } from '../operation.ts';
import { type Component, findTemplate } from '../organisation.ts';

/** https://open.dingtalk.com/document/development/obtain-the-form-schema (the parts a client of ours can use) */
export const getFormSchema: Operation = {
  name: 'schemas/get',
  method: 'GET',
  path: '/v1.0/workflow/forms/schemas/processCodes',
  pot: 'apiCalls',
  needsToken: true,
  permission: 'Workflow.Form.Read',
  answer({ organisation }, { query }) {
    const processCode = query.get('processCode');
    if (!processCode) throw new NewApiError('invalidParameter', '参数错误，具体可能为：审批模板code等参数错误');
    const template = findTemplate(organisation, processCode);
    if (!template) throw new NewApiError('formNotExist', '审批表单模板不存在');
    const { name, components } = template;
    const items = components.map((component) => ({
      ...itemOf(component),
      ...(component.children ? { children: component.children.map(itemOf) } : {}),
    }));
    const schemaContent = { title: name, icon: 'common', items };
    const formUuid = `FORM-${processCode}`;
    return {
      result: { formCode: processCode, formUuid, name, ownerIdType: 'orgId', status: 'PUBLISHED', schemaContent },
    };
  },
};

function itemOf({ componentType, id, name, bizAlias, required, options }: Omit<Component, 'children'>) {
  const props = { id, label: name, bizAlias: bizAlias ?? '', required, ...(options ? { options } : {}) };
  return { componentName: componentType, props };
}
