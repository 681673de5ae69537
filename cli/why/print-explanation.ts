import { fill } from '../../shared/message/fill.ts';
import type { Language } from '../../shared/workflows/schema.ts';
import { foreign } from '../inspect/terminal.ts';
import { type Io, paint } from '../io.ts';
import type { Diagnosis, Explanation } from './explanation.ts';
import { whyTexts } from './texts.ts';

/** In words: what it means, and what to do. */
export function inWords({ code, values }: Diagnosis, language: Language): { what: string; todo: string } {
  const { what, todo } = whyTexts(language).diagnoses[code];
  return { what: fill(what, values), todo: fill(todo, values) };
}

export function explanationLines(found: Explanation, language: Language, io: Pick<Io, 'color'>): string[] {
  const { bold, dim, yellow } = paint(io);
  const { labels } = whyTexts(language);
  const { what, todo } = inWords(found.diagnosis, language);
  const about = [found.workflow, found.subject].filter((text) => text !== '').map((text) => foreign(text));
  const hops = found.hops.map(({ at, what: name, detail, trouble }) => {
    const line = `  ${at}  ${trouble ? yellow(name) : name}`;
    return detail === '' ? line : `${line}  ${dim(detail)}`;
  });
  const leases = found.leases.map(
    ({ effect, holder, until, held }) =>
      `  ${foreign(effect, 32)}  ${held ? labels.held : labels.expired} ${until}  ${dim(foreign(holder, 64))}`,
  );
  const attempts = found.attempts.map(({ request_id, state, end }) => `  ${request_id}  ${end ?? state}`);
  return [
    `${bold(found.request_id)}  ${about.join(' · ')}`.trimEnd(),
    ...(hops.length > 0 ? hops : [`  ${dim(labels.noLog)}`]),
    ...(leases.length > 0 ? [`${labels.leases}:`, ...leases] : []),
    ...(attempts.length > 1 ? [`${labels.attempts}:`, ...attempts] : []),
    `${bold(labels.why)}: ${what}`,
    `${bold(labels.todo)}: ${todo}`,
    ...(found.next_try === null ? [] : [`${bold(labels.nextTry)}: ${found.next_try}`]),
  ];
}
