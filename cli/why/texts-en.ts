import type { WhyTexts } from './texts.ts';

export const EN: WhyTexts = {
  diagnoses: {
    broken: {
      what: 'Its records do not fit together ({fault}), so that nothing is decided from them any more.',
      todo: 'Run "audit verify" on it: somebody has changed or removed records.',
    },
    stuck: {
      what: 'It is not at its end (last fact: {last}), and its open marker is gone, so that no sweep looks at it.',
      todo: '"approvals pull" puts the marker back and the request goes on where it was.',
    },
    parked: {
      what: 'It was given up: the step {step} could not be finished in its time ({code}: {message}).',
      todo: 'Remove the cause, then "requests retry" makes a new attempt.',
    },
    succeeded: { what: 'It ran, and ended well.', todo: 'Nothing.' },
    run_failed: {
      what: 'It ran and did not end well: {status} ({end}). {advice}',
      todo: '"requests show" has the exit code and the message; then "requests retry".',
    },
    observed: {
      what: 'Its workflow is only observed (mode: observe): it would have run {command} on {instances}, and nothing has run.',
      todo: 'Nothing. With "mode: run", "requests retry" runs it.',
    },
    refused: {
      what: 'It was refused, and nothing ran: {reason}',
      todo: 'Correct what it says. A wrong form needs a new approval; anything else "requests retry".',
    },
    withdrawn: {
      what: 'It was withdrawn before it ran ({reason}).',
      todo: 'Nothing; a new approval if it is still wanted.',
    },
    redirected: {
      what: 'It revokes an earlier approval, and is carried out as {to}.',
      todo: 'Ask "why {to}".',
    },
    to_accept: {
      what: 'It was received, and has not been accepted yet: ingest reads the approval from the platform.',
      todo: 'Wait for the next try. If it keeps failing, the troubles above say why.',
    },
    to_plan: { what: 'It is accepted and waits for dispatch to plan the run.', todo: 'Wait for the next try.' },
    to_confirm: {
      what: 'Its run comes late, so that ingest reads the approval once more before it may start.',
      todo: 'Wait for the next try.',
    },
    to_dispatch: { what: 'It is planned and waits for dispatch to start the run.', todo: 'Wait for the next try.' },
    to_cancel: {
      what: 'The approval holds no longer, and dispatch makes sure that nothing runs.',
      todo: 'Wait for the next try.',
    },
    paused: {
      what: 'No run starts: {by} has paused them since {since} ({reason}).',
      todo: 'It goes on by itself after "{command}".',
    },
    paused_by_limit: {
      what: 'No run of {what} starts since {since}: it had {count} runs within an hour, as many as limits.per_hour allows.',
      todo: 'Look for what asks for so many; then "{command}", which begins a new hour.',
    },
    waiting_lock: {
      what: 'It waits for another request about the same subject ({subject}): {other} goes first.',
      todo: 'It goes on by itself. If the other one hangs, ask "why {other}".',
    },
    waiting_agents: {
      what: 'The agent of {instances} does not answer; the run starts when it does.',
      todo: 'Start the instance or its Cloud Assistant agent; every minute it is looked for. When the time of "offline: wait" is over it runs without.',
    },
    waiting_lease: {
      what: 'Somebody ({holder}) is at the step {step} just now, or broke off in the middle of it.',
      todo: 'Wait: after {until} the next try takes over.',
    },
    run_pending: {
      what: 'The run {run} was started {since} ago, and {instances} has not taken it: the machine or its agent may be off.',
      todo: 'Check the instance, or end the run by "requests stop".',
    },
    running: {
      what: 'The run {run} goes on on {instances}, for {since} of at most {timeout}.',
      todo: 'Wait, or end it by "requests stop".',
    },
    run_unknown: {
      what: 'Cloud Assistant does not know the run {run} (any more).',
      todo: 'An hour after its time-out the request is parked; check the instance, then "requests retry".',
    },
    to_collect: {
      what: 'The run {run} has ended, and notify has not written it down yet.',
      todo: 'Wait for the next try.',
    },
    to_announce: {
      what: 'It has ended, and the message to the group has not been sent yet.',
      todo: 'Wait for the next try. If it keeps failing, check the robot of the chat.',
    },
    to_close: { what: 'Its group has been told; only the last notes are missing.', todo: 'Nothing.' },
    to_stop: {
      what: 'Somebody wants its run stopped, and dispatch has not done it yet.',
      todo: 'Wait for the next try.',
    },
    to_answer: { what: 'Somebody pressed a button after its end, and notify has not answered yet.', todo: 'Nothing.' },
    not_decided: { what: 'On {platform} nobody has decided on it yet.', todo: 'Ask those who have to.' },
    declined: {
      what: 'On {platform} it was refused, withdrawn or terminated, so that nothing is to run.',
      todo: 'Nothing.',
    },
    missed: {
      what: 'On {platform} it is approved, and no callback about it was taken here.',
      todo: '"approvals pull {platform} {id}" takes it now; ingest also looks for such approvals once an hour.',
    },
    missed_failed: {
      what: 'On {platform} it is approved, and its callback failed: {reason}.',
      todo: 'Check URL, token and keys of the event subscription. "approvals pull {platform} {id}" takes it now.',
    },
    no_workflow: {
      what: 'Its template starts no workflow of this environment, so that its callback is ignored.',
      todo: 'If it should, add the template to workflows.yaml. Otherwise nothing.',
    },
    unreadable: {
      what: '{platform} does not show it to this app ({error}).',
      todo: 'Check the id, that it belongs to this company, and the permissions of the app.',
    },
    unreachable: { what: '{platform} cannot be asked now ({error}).', todo: 'Ask again later.' },
    not_configured: {
      what: 'The platform {platform} is not configured in this environment.',
      todo: 'Ask in the environment that has it.',
    },
    other_environment: {
      what: 'It has run in the environment {environment}; this is {here}.',
      todo: 'Ask there.',
    },
    no_attempt: {
      what: 'There is no such attempt of it here.',
      todo: 'Ask "why {original}": it names those there are.',
    },
    nowhere: {
      what: 'Neither the records nor the decided approvals of the last two weeks have anything about it.',
      todo: 'Try the id of the approval instance, which the link to the approval has.',
    },
  },
  facts: {
    accepted: 'accepted',
    refused: 'refused',
    planned: 'planned',
    dispatched: 'run started',
    completed: 'run ended',
    observed: 'only observed',
    announced: 'group told',
    commented: 'written on the approval',
    closed: 'closed',
    withdrawn: 'withdrawn',
    cancelled: 'cancelled',
    confirmed: 'confirmed again',
    redirected: 'redirected',
    parked: 'parked',
    pressed: 'button pressed',
    answered: 'press answered',
  },
  hops: {
    'callback sent': 'callback sent',
    'callback answered': 'callback answered',
    'callback failed': 'callback failed',
    'callback dropped': 'callback dropped',
    'callback rejected': 'callback rejected',
    'callback verified': 'callback verified',
    'hint verified': 'hint confirmed by the platform',
    'hint ignored': 'hint ignored, nothing new in it',
    'hint refused': 'hint refused, no look-up left',
    'hint not decided yet': 'hint came before the decision',
    'marker durable': 'marker durable',
    'form read': 'form read',
    'accept left to the sweep': 'accept left to the sweep',
    'event published': 'event published',
    'rule matched': 'rule matched',
    'event dropped': 'event dropped',
    'event not delivered': 'event not delivered',
    'waiting for another request': 'waits for another request',
    'waiting for a resume': 'waits for a resume',
    'paused by itself': 'its workflow paused by itself',
    'command invoked': 'command invoked',
    'script started': 'script started',
    'script output': 'script output',
    'completion event': 'completion event',
    'notice told': 'notice told',
    'message delivered': 'message delivered',
    'press refused': 'press not taken',
    'the sweep could not take a request further': 'the sweep could not take it further',
    'recovered an approval whose callback never came': 'found, though its callback never came',
  },
  labels: {
    why: 'Why',
    todo: 'To do',
    nextTry: 'Next try',
    attempts: 'Attempts',
    leases: 'Leases',
    held: 'held until',
    expired: 'expired at',
    noLog: 'the log of this cloud does not go back to it',
  },
};
