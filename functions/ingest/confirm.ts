import { parseRequestId } from '../../shared/ids.ts';
import { findByName } from '../../shared/platforms/platform.ts';
import type { CarryOut } from '../../shared/request/advance.ts';
import { type Fact, findFact } from '../../shared/request/records.ts';
import { waitForResume } from '../../shared/request/wait-for-resume.ts';
import { publishHint } from '../../shared/runtime/publish.ts';
import type { IngestOptions } from './ingest-options.ts';
import { isRevoked } from './is-revoked.ts';

/** Confirm: before a run that comes late, read again whether the approval still holds. */
export function createConfirm(options: IngestOptions, signal?: AbortSignal): CarryOut {
  const { journal, sources, clock, log } = options;
  return async (chain) => {
    const accepted = findFact(chain.facts, 'accepted');
    if (!accepted) throw new Error('there is no accepted record to confirm');
    // What is not to run costs the platform's quota nothing; who lifts the pause has it confirmed then.
    if (!(await waitForResume(chain, options))) return undefined;
    const { platform, approval, action } = accepted.request;
    const source = findByName(sources, platform);
    const read = await source.readApproval(approval, signal);
    const at = new Date(clock.now()).toISOString();
    const fact = await judge();
    log.info(fact.type, { request_id: chain.requestId });
    const { chain: next, won } = await journal.append(chain, fact);
    // The event that says "look at this request" is the one that it was accepted with.
    if (won && fact.type === 'confirmed')
      await publishHint(
        options.publish,
        { type: 'ProvisionRequest', source: `${platform}.approval`, data: accepted.request },
        log,
      );
    return next;

    async function judge(): Promise<Fact> {
      const confirmed: Fact = { type: 'confirmed', at };
      const notValid: Fact = { type: 'withdrawn', at, reason: 'not_valid' };
      if (read.kind === 'refused') return notValid;
      const isApproved = read.approval.state === 'approved';
      const revoked = () => isRevoked(source, read.approval, approval.code, signal);
      if (action === 'revoke') {
        // Either an approval of its own asked for it, or the platform says that the original is revoked.
        const isOriginal = approval.instance_id === parseRequestId(chain.requestId)?.instanceId;
        return (isOriginal ? await revoked() : isApproved) ? confirmed : notValid;
      }
      if (!isApproved && read.approval.state !== 'revoked') return notValid;
      return (await revoked()) ? { type: 'withdrawn', at, reason: 'revoked' } : confirmed;
    }
  };
}
