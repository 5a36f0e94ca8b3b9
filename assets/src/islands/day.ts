// A calendar beside a field for a day: `input[data-day="2026-11-27"]` (today) in a `.daypick`.
//
//   data-open="Chọn trên lịch"  data-moves="Năm trước|Tháng trước|Tháng sau|Năm sau|Đóng lịch"
//   data-months="Tháng 1|…"  data-weekdays="Thứ Hai|…|Chủ nhật"  data-short="T2|…|CN"
//
// A file of its own, loaded by the pages that have such a field. The field stays the truth: it is
// read on opening, and a chosen day is written into it as typing would. Monday stands first; arrows,
// Home, End, Page Up and Down (with Shift: a year) move, Escape closes.
// Surprising: days are UTC instants here, so that no zone of the device moves one.
import { all, one } from '../dom';
import { Day, read, shown } from '../day';

for (const field of all<HTMLInputElement>('input[data-day]')) island(field);

function island(field: HTMLInputElement): void {
  const words = (name: string) => (field.dataset[name] || '').split('|');
  const today = read(field.dataset['day'] || '');
  const place = field.closest<HTMLElement>('.daypick');
  if (!today || !place) return;
  const opener = button('btn btn-small', field.dataset['open'] || '', toggle);
  opener.setAttribute('aria-expanded', 'false');
  place.append(opener);
  let panel: HTMLElement | null = null;
  let at = today;

  function toggle(): void {
    if (panel) return close();
    at = read(field.value) || today!;
    panel = document.createElement('div');
    panel.className = 'calendar';
    panel.setAttribute('role', 'group');
    panel.setAttribute('aria-label', opener.textContent || '');
    panel.addEventListener('keydown', key);
    place!.after(panel);
    opener.setAttribute('aria-expanded', 'true');
    draw();
    focus();
  }

  function close(): void {
    if (panel) panel.remove();
    panel = null;
    opener.setAttribute('aria-expanded', 'false');
    opener.focus();
  }

  function choose(day: Day): void {
    field.value = shown(day);
    for (const kind of ['input', 'change']) field.dispatchEvent(new Event(kind, { bubbles: true }));
    close();
  }

  function go(day: Day): void {
    at = day;
    draw();
    focus();
  }

  function focus(): void {
    const day = panel && one('[tabindex="0"]', panel);
    if (day) day.focus();
  }

  function key(event: KeyboardEvent): void {
    const of = event.target as HTMLElement;
    if (event.key === 'Escape') {
      event.preventDefault();
      close();
    } else if (of.tagName === 'BUTTON' && of.dataset['at']) {
      const steps: Record<string, Day> = {
        ArrowLeft: at.plus(-1), ArrowRight: at.plus(1), ArrowUp: at.plus(-7), ArrowDown: at.plus(7),
        Home: at.plus(-at.weekday), End: at.plus(6 - at.weekday),
        PageUp: at.months(event.shiftKey ? -12 : -1), PageDown: at.months(event.shiftKey ? 12 : 1),
      };
      const to = steps[event.key];
      if (!to) return;
      event.preventDefault();
      go(to);
    }
  }

  /** The whole panel anew, for the month of `at`. */
  function draw(): void {
    const moves = words('moves');
    const title = document.createElement('p');
    title.className = 'calendar-month';
    title.setAttribute('role', 'status');
    title.textContent = `${words('months')[at.month - 1]} ${at.year}`;
    const row = document.createElement('div');
    row.className = 'calendar-moves';
    [-12, -1, 1, 12].forEach((months, n) => {
      const move = button('btn btn-small', ['«', '‹', '›', '»'][n] || '', () => {
        at = at.months(months);
        draw();
        const again = panel && all('.calendar-moves button', panel)[n];
        if (again) again.focus();
      });
      move.setAttribute('aria-label', moves[n] || '');
      row.append(move);
    });
    const table = document.createElement('table');
    table.setAttribute('role', 'grid');
    table.setAttribute('aria-label', title.textContent);
    const head = table.createTHead().insertRow();
    words('short').forEach((short, n) => {
      const cell = document.createElement('th');
      cell.scope = 'col';
      cell.abbr = words('weekdays')[n] || '';
      cell.textContent = short;
      head.append(cell);
    });
    const body = table.createTBody();
    const first = at.plus(1 - at.day);
    const chosen = read(field.value);
    for (let week = first.plus(-first.weekday); week.iso < first.months(1).iso; week = week.plus(7)) {
      const line = body.insertRow();
      for (let n = 0; n < 7; n += 1) {
        const day = week.plus(n);
        const cell = line.insertCell();
        cell.setAttribute('role', 'gridcell');
        if (day.month !== at.month) continue;
        const choice = button('', String(day.day), () => choose(day));
        choice.dataset['at'] = day.iso;
        choice.tabIndex = day.iso === at.iso ? 0 : -1;
        choice.setAttribute('aria-label', `${words('weekdays')[n]}, ${shown(day)}`);
        if (day.iso === today!.iso) choice.setAttribute('aria-current', 'date');
        if (chosen && day.iso === chosen.iso) cell.setAttribute('aria-selected', 'true');
        cell.append(choice);
      }
    }
    panel!.textContent = '';
    panel!.append(title, row, table, button('btn btn-small', moves[4] || '', close));
  }
}

function button(className: string, word: string, press: () => void): HTMLButtonElement {
  const made = document.createElement('button');
  made.type = 'button';
  if (className) made.className = className;
  made.textContent = word;
  made.addEventListener('click', press);
  return made;
}
