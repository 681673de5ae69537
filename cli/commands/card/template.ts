import { Command } from 'commander';
import { cardTemplate } from '../../../setup/card-template.ts';
import type { Io } from '../../io.ts';

export function cardTemplateCommand(io: Io): Command {
  return new Command('template')
    .description('Print the template of the DingTalk card, as a file to import on the card platform')
    .addHelpText(
      'after',
      `
One JSON object: the title, five paragraphs, and three buttons that stand there only for workflows that have them.
Import it into a new template (更多 > 导入), save and publish it there. docs/dingtalk.md says more.

Example:
  $ npm run -s loop -- card template > card-template.json
`,
    )
    .action(() => io.out(JSON.stringify(cardTemplate())));
}
