import type { PressKind } from '../events.ts';
import type { MessageButton } from './outgoing-message.ts';
import type { RenderOptions, RequestMessage } from './render-request.ts';
import { TEXTS } from './texts.ts';

/** What does the same as a button, for whoever has none. */
const COMMANDS: Record<Exclude<PressKind, 'retry'>, (requestId: string) => string> = {
  stop: (requestId) => `npm run -s loop -- requests stop ${requestId}`,
  output: (requestId) => `npm run -s loop -- requests show ${requestId}`,
};

/** Which of these are of use: the workflow has them, and nobody has pressed them. */
function open(
  wanted: readonly PressKind[],
  { presses = [] }: RequestMessage,
  { buttons }: RenderOptions,
): readonly PressKind[] {
  return wanted.filter((what) => buttons?.kinds.includes(what) && !presses.some((press) => press.what === what));
}

/** Nothing at all where the channel or the workflow has no buttons. */
export function buttonsOf(
  wanted: readonly PressKind[],
  message: RequestMessage,
  options: RenderOptions,
): { buttons?: MessageButton[] } {
  if (!options.buttons?.pressable) return {};
  const { requestId } = message;
  const labels = TEXTS[options.language].buttons;
  return { buttons: open(wanted, message, options).map((what) => ({ what, label: labels[what], requestId })) };
}

/** In the place of buttons that the workflow has and the channel has not. */
export function commandLines(
  wanted: readonly (keyof typeof COMMANDS)[],
  message: RequestMessage,
  options: RenderOptions,
): string[] {
  if (options.buttons?.pressable) return [];
  const { commands, colon } = TEXTS[options.language];
  const shown = open(wanted, message, options);
  return wanted
    .filter((what) => shown.includes(what))
    .map((what) => `- ${commands[what]}${colon}${COMMANDS[what](message.requestId)}`);
}
