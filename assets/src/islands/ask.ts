// Asks before typed text is left behind: `form[data-ask]`. The browser words the question.
// Rows that save by themselves (roll.ts) ask by themselves. Quiet when nothing was typed or the typing was undone, and while the form is being sent.
import { all } from '../dom';

const typed = (form: HTMLFormElement): string =>
  all<HTMLInputElement>('textarea, input:not([type="hidden"]):not([type="password"]), select', form)
    .filter((field) => !field.closest('[data-row]'))
    .map((field) => (field.type === 'checkbox' || field.type === 'radio' ? String(field.checked) : field.value))
    .join('\n');

export function ask(): void {
  const forms = all<HTMLFormElement>('form[data-ask]').map((form) => ({ form, was: typed(form), sent: false }));
  if (!forms.length) return;
  for (const entry of forms) entry.form.addEventListener('submit', () => { entry.sent = true; });
  // a page brought back by "back" is a page still being written
  addEventListener('pageshow', () => forms.forEach((entry) => { entry.sent = false; }));
  addEventListener('beforeunload', (event) => {
    // one form of the page being sent does not excuse another that is not
    if (forms.some(({ form, was, sent }) => !sent && form.isConnected && typed(form) !== was)) {
      event.preventDefault();
      event.returnValue = '';
    }
  });
}
