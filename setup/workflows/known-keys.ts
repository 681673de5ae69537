import * as z from 'zod';
import { workflowsSchema } from '../../shared/workflows/schema.ts';

/** As much of JSON Schema as the format of workflows.yaml uses. */
interface Node {
  properties?: Record<string, Node> | undefined;
  additionalProperties?: Node | boolean | undefined;
  items?: Node | undefined;
  anyOf?: Node[] | undefined;
}
const nodeSchema: z.ZodType<Node> = z.lazy(() =>
  z.object({
    properties: z.record(z.string(), nodeSchema).optional(),
    additionalProperties: z.union([z.boolean(), nodeSchema]).optional(),
    items: nodeSchema.optional(),
    anyOf: z.array(nodeSchema).optional(),
  }),
);

/** The keys that the format has at this path; none where names are free. */
export function knownKeys(path: readonly PropertyKey[]): string[] {
  const root = nodeSchema.parse(z.toJSONSchema(workflowsSchema, { io: 'input', unrepresentable: 'any' }));
  let nodes = [root];
  for (const part of path) nodes = nodes.flatMap(alternatives).flatMap((node) => childrenAt(node, String(part)));
  return nodes.flatMap(alternatives).flatMap(({ properties = {} }) => Object.keys(properties));
}

function alternatives(node: Node): Node[] {
  return [node, ...(node.anyOf ?? []).flatMap(alternatives)];
}

function childrenAt({ properties, additionalProperties, items }: Node, key: string): Node[] {
  const named = properties && Object.hasOwn(properties, key) ? properties[key] : undefined;
  return [named, additionalProperties, items].filter((node) => typeof node === 'object');
}
