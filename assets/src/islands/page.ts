// Small comforts of every page: the error summary takes the focus, elements that only make
// sense with script appear (`hidden data-js`), `data-print-now` prints.
import { all, one } from '../dom';

export function page(): void {
  const summary = one('.note[role="alert"][tabindex]');
  if (summary && !location.hash) summary.focus();
  for (const element of all('[data-js][hidden]')) element.hidden = false;
  document.addEventListener('click', (event) => {
    const target = event.target as Element | null;
    if (target && target.closest('[data-print-now]')) {
      event.preventDefault();
      window.print();
    }
  });
}
