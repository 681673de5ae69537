import type { TagFilter } from './input.ts';
import type { Tag } from './records.ts';

export function hasTags(tags: readonly Tag[], wanted: readonly TagFilter[]): boolean {
  return wanted.every(({ key, value }) => tags.some((tag) => tag.key === key && (value ?? tag.value) === tag.value));
}

export function tagsAnswer(tags: readonly Tag[]): { Tag: { TagKey: string; TagValue: string }[] } {
  return { Tag: tags.map(({ key, value }) => ({ TagKey: key, TagValue: value })) };
}
