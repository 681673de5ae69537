import type { Fact, FactOf } from '../../shared/request/records.ts';
import { foreign } from './terminal.ts';

/** What a fact says beside its type, on one line. */
export function describeFact(fact: Fact): string {
  switch (fact.type) {
    case 'accepted':
      return describeAccepted(fact);
    case 'refused':
      return [fact.refusal.code, ...Object.entries(fact.refusal.values).map(([name, value]) => `${name}=${value}`)]
        .map((text) => foreign(text))
        .join(' ');
    case 'planned':
      return `${fact.input.operation} ${fact.input.command_name} on ${fact.input.instances.join(', ')}`;
    case 'dispatched':
      return fact.invoke_id;
    case 'completed':
      return `${fact.status} of ${fact.invoke_id}`;
    case 'observed':
      return fact.offline.length === 0 ? '' : `no agent answers on ${fact.offline.join(', ')}`;
    case 'announced':
      return `to ${foreign(fact.chat, 64)}`;
    case 'withdrawn':
    case 'cancelled':
      return fact.reason;
    case 'redirected':
      return `carried out as ${fact.to}`;
    case 'pressed':
      return `${fact.what} by ${personName(fact.by)}`;
    case 'answered':
      return `${fact.what}: ${foreign(fact.outcome, 64)}`;
    case 'parked':
      return `step ${foreign(fact.step, 32)}: ${foreign(fact.code, 64)}, ${foreign(fact.message)}`;
    default:
      return '';
  }
}

function describeAccepted({ request }: FactOf<'accepted'>): string {
  const { workflow, requester, approvers, parameters, retry } = request;
  const values = Object.entries(parameters).map(([name, value]) => `${name}=${foreign(value, 64)}`);
  const agreed = approvers.map(personName).join(', ');
  const again = retry ? `, again for ${foreign(retry.by, 64)}: ${foreign(retry.reason)}` : '';
  return `${workflow} ${values.join(' ')}, asked by ${personName(requester)}, agreed to by ${agreed}${again}`;
}

export function personName({ id, name }: { id: string; name: string }): string {
  const [shownId, shownName] = [foreign(id, 64), foreign(name, 64)];
  return shownName === '' || shownName === shownId ? shownId : `${shownName} (${shownId})`;
}
