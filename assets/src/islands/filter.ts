// Narrows a long list while typing; marks do not matter ("thom" finds "Thơm").
// `<input type="search" data-filter="#list" data-none="…" data-found="{n} người">`; what is hidden
// are the list's rows: its `li`, or `tr` of a table body. A row's text is `data-name` if given.
// Surprising: ticked boxes in hidden rows stay ticked and are sent; only the view is narrowed.
import { all, one, say } from '../dom';
import { fold, matches } from '../fold';

export function filter(): void {
  for (const box of all<HTMLInputElement>('input[data-filter]')) {
    const list = one(box.dataset['filter'] || '');
    if (!list) continue;
    const rows = all(list.matches('table') ? 'tbody > tr' : ':scope > li', list)
      .map((row) => ({ row, text: fold(row.dataset['name'] || row.textContent || '') }));
    const said = document.createElement('p');
    said.className = 'meta';
    said.setAttribute('role', 'status');
    box.insertAdjacentElement('afterend', said);

    const narrow = () => {
      const query = fold(box.value);
      let shown = 0;
      for (const { row, text } of rows) {
        row.hidden = query !== '' && !matches(text, query);
        if (!row.hidden) shown += 1;
      }
      said.textContent = query === '' ? '' : say(box, shown ? 'found' : 'none', { n: shown });
    };
    box.addEventListener('input', narrow);
    box.addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && box.value) {
        event.preventDefault();
        box.value = '';
        narrow();
      }
      // inside the form that saves the list, Enter would save it half-read
      if (event.key === 'Enter' && box.form && box.form.method === 'post') event.preventDefault();
    });
    if (box.value) narrow();
  }
}
