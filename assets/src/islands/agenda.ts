// Writing an agenda: add, remove, reorder rows; minutes add up and the clock runs down the margin.
//
//   <form data-agenda data-max="60" data-total="{items} mục, {n} phút, xong lúc {end}" data-moved="Đã chuyển thành mục {n}"
//         data-gone="Đã bỏ mục {n}">
//     <input data-agenda-start value="19:30">
//     <ol data-agenda-rows><li data-agenda-row> <span data-agenda-n> <span data-agenda-at>
//        <textarea name="title" …><input name="minutes" …> <button name="do" value="up:2" data-do="up">
//     <template data-agenda-new> one row, `__n__` in ids, for, aria- attributes </template>
//     <button name="do" value="add" data-do="add">, <output data-agenda-total>
//
// Without script the buttons are submits: the server answers with the changed form. Fields repeat
// by name in page order, so moving a row is moving its `li`. A removed row with text can be
// brought back by leaving without saving; the last row is emptied, not removed.
import { all, one, say, voice } from '../dom';

export function agenda(): void {
  for (const form of all<HTMLFormElement>('form[data-agenda]')) island(form);
}

function island(form: HTMLFormElement): void {
  const list = one('[data-agenda-rows]', form);
  const model = one<HTMLTemplateElement>('template[data-agenda-new]', form);
  if (!list) return;
  const said = voice(form, '[data-agenda-said]', 'vh');
  const rows = () => all('[data-agenda-row]', list);
  let made = rows().length;

  form.addEventListener('input', reckon);
  // A title is one line, however it wraps.
  form.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && (event.target as Element).matches('textarea[name="title"]')) event.preventDefault();
  });
  form.addEventListener('click', (event) => {
    const button = (event.target as Element).closest<HTMLElement>('[data-do]');
    if (!button) return;
    const row = button.closest<HTMLElement>('[data-agenda-row]');
    const verb = button.dataset['do'];
    if (verb === 'add' && model && rows().length < (Number(form.dataset['max']) || 60)) {
      event.preventDefault();
      add(model);
    } else if (row && (verb === 'up' || verb === 'down')) {
      event.preventDefault();
      const other = verb === 'up' ? row.previousElementSibling : row.nextElementSibling;
      if (other) verb === 'up' ? other.before(row) : other.after(row);
      button.focus();
      reckon();
      said.textContent = say(form, 'moved', { n: rows().indexOf(row) + 1 });
    } else if (row && verb === 'remove') {
      event.preventDefault();
      remove(row);
    }
  });

  function add(template: HTMLTemplateElement): void {
    made += 1;
    const part = document.importNode(template.content, true);
    for (const element of all('*', part)) {
      for (const attribute of Array.from(element.attributes)) attribute.value = attribute.value.replace(/__n__/g, `new${made}`);
    }
    list!.append(part);
    reckon();
    const row = rows().pop();
    const first = row && one('input:not([type="hidden"]), textarea', row);
    if (first) first.focus();
  }

  function remove(row: HTMLElement): void {
    const at = rows().indexOf(row);
    if (rows().length === 1) {
      for (const field of all<HTMLInputElement>('input:not([type="hidden"]), textarea', row)) field.value = '';
    } else {
      row.remove();
    }
    reckon();
    const next = rows()[Math.min(at, rows().length - 1)];
    const first = next && one('input:not([type="hidden"]), textarea', next);
    if (first) first.focus();
    said.textContent = say(form, 'gone', { n: at + 1 });
    form.dispatchEvent(new Event('change', { bubbles: true }));
  }

  function reckon(): void {
    const start = one<HTMLInputElement>('[data-agenda-start]', form);
    // The server reads more; what is not read here only leaves the margin empty.
    const [, hours, minutes, late] = /^(\d{1,2})(?:[:.hg ]|giờ)*(\d{2})?\s*(tối|chiều|pm)?$/i.exec(start ? start.value.trim() : '') || [];
    const from = hours === undefined ? NaN : (Number(hours) + (late && Number(hours) < 12 ? 12 : 0)) * 60 + Number(minutes || 0);
    let total = 0;
    rows().forEach((row, index) => {
      for (const place of all('[data-agenda-n]', row)) place.textContent = String(index + 1);
      for (const place of all('[data-agenda-at]', row)) place.textContent = clock(from + total);
      const field = one<HTMLInputElement>('[name="minutes"]', row);
      total += Math.max(0, Math.floor(Number(field && field.value) || 0));
    });
    const sum = one('[data-agenda-total]', form);
    const end = clock(from + total);
    if (sum) sum.textContent = say(form, end ? 'total' : 'totalBare', { items: rows().length, n: total, end }) || String(total);
  }

  reckon();
}

/** Minutes since midnight as 19:05; empty when the start is not known. */
function clock(minutes: number): string {
  if (Number.isNaN(minutes)) return '';
  const two = (n: number) => String(n).padStart(2, '0');
  return `${two(Math.floor(minutes / 60) % 24)}:${two(minutes % 60)}`;
}
