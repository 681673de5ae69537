import { callHttp } from '../../../shared/http/call.ts';
import { span } from '../../inspect/terminal.ts';
import type { Check } from '../check.ts';
import { error, type Finding, warning } from '../finding.ts';
import { type Patient, SERVICES, type Service } from '../patient.ts';

/** Beyond it the services refuse a signature, OSS first: https://www.alibabacloud.com/help/en/oss/developer-reference/error-responses */
const REFUSED_MS = 15 * 60_000;
const NOTED_MS = 60_000;

/** This machine's clock against the header `date` of each service. */
export const clocks: Check = {
  name: 'clocks',
  fine: 'this machine’s clock agrees with those of the services',
  needs: [],
  async look(patient) {
    return (await Promise.all(SERVICES.map((service) => compare(patient, service)))).flat();
  },
};

async function compare({ origins, clock }: Patient, service: Service): Promise<Finding[]> {
  const before = clock.now();
  const call = { service, method: 'HEAD', url: `${origins[service]}/`, timeoutMs: 10_000 } as const;
  // One that does not answer is named with the credentials.
  const date = await callHttp(call).then(
    ({ headers }) => headers.date,
    () => undefined,
  );
  // The header is cut to a second.
  const skew = date === undefined ? 0 : (before + clock.now()) / 2 - (Date.parse(date) + 500);
  if (!(Math.abs(skew) > NOTED_MS)) return [];
  const seen = `this machine is ${span(Math.abs(skew))} ${skew > 0 ? 'ahead of' : 'behind'} the service`;
  const say = Math.abs(skew) > REFUSED_MS ? error : warning;
  return [
    say(`clock of ${service}`, seen, 'set this machine’s clock by NTP; signatures more than 15 min off are refused'),
  ];
}
