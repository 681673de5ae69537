import type { ObjectStore } from '../../../shared/journal/object-store.ts';
import { createOrigins, type Origins } from '../../../shared/journal/origins.ts';
import { createQuestions, type Questions } from '../../../shared/journal/questions.ts';

/** What is kept of what people ask in groups. */
export interface Asking {
  questions: Questions;
  origins: Origins;
}

export function createAsking({ work, records }: { work: ObjectStore; records: ObjectStore }): Asking {
  return { questions: createQuestions(work), origins: createOrigins(records) };
}
