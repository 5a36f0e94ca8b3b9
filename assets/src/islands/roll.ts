// Roll call: each tap is saved at once. Without script the form's one button saves all.
//
//   <form method="post" action="…" data-roll data-saved data-failed data-unsaved="{n} …">
//     <input type="hidden" name="csrf"> … <p class="rollsaid" role="status" data-roll-said>
//     <ul class="roll"><li data-row="MEMBER"> checkbox `present`, radios or fields of the absence …
//     <div data-roll-save><button>…</button></div>
//
// Text areas in a row are sent when their writer rests or leaves them: notes save item by item this way.
// A tap posts the hidden fields, the row's own fields and `row=MEMBER`; the server then changes
// that person only. Answer: JSON `{tally: {name: n}, said?}` or HTML; `data-tally="name"` texts
// and `data-swap="name"` elements of the page are replaced. A refusal (4xx) may carry `said`, and `is`: what
// somebody else set meanwhile, which the row then shows.
// With `data-roll-fresh` the page asks every twenty seconds, while it is seen, how the roll stands (GET of its own
// address, JSON `{tally, marks: {MEMBER: mark}, touched}`) and shows what others set; never in a row that is being
// touched, typed in or on its way. `data-roll-reload` is for pages without script; `data-roll-untouched` goes with
// the first mark.
// Surprising: rows are sent one after another per row, so the last tap wins; what is typed while its
// row is on the way is sent after it; what could not be saved stays marked, is tried again after a while
// and when the network returns, and brings the button back; a row the server refused keeps its sentence
// and is not sent again until it is tapped; a session that is over is said with the way back in, which takes along
// what is not saved (`data-ended`). Whoever leaves before all is saved is asked.
import { all, one, say, voice, deserted } from '../dom';

type Row = { element: HTMLElement; busy?: boolean; touched?: number; again?: boolean | undefined; rest?: ReturnType<typeof setTimeout> };

/** Milliseconds without a key before text is sent; and before what failed is tried again. */
const REST = 1500;
const AGAIN = 9e3;
/** Between two looks at what others marked; and how long a row is left alone after a touch. */
const FRESH = 2e4;
const QUIET = 5e3;
type Answer = { tally?: Record<string, number | string>; said?: string; is?: string; marks?: Record<string, string>; touched?: boolean };

function roll(): void {
  for (const form of all<HTMLFormElement>('form[data-roll]')) island(form);
}

function island(form: HTMLFormElement): void {
  const rows = new Map<HTMLElement, Row>();
  for (const element of all('[data-row]', form)) rows.set(element, { element });
  const said = voice(form, '[data-roll-said]', 'rollsaid');
  const save = one('[data-roll-save]', form);
  if (save) save.hidden = true;
  let leaving = false;

  const rowOf = (field: HTMLElement) => rows.get(field.closest<HTMLElement>('[data-row]')!);

  form.addEventListener('submit', () => { leaving = true; });
  form.addEventListener('change', (event) => {
    const field = event.target as HTMLInputElement;
    const row = rowOf(field);
    if (!row) return;
    exclude(row.element, field);
    row.touched = Date.now();
    send(row);
  });
  form.addEventListener('input', (event) => {
    const field = event.target as HTMLElement;
    const row = rowOf(field);
    if (!row || !field.matches('textarea')) return;
    row.element.dataset['state'] = 'typed'; // until it is sent
    row.again = row.busy;
    later(row, REST);
  });
  addEventListener('online', () => { for (const element of all('[data-state=failed]', form)) send(rowOf(element)!); });
  // brought back by "back", the page is being written again
  addEventListener('pageshow', () => { leaving = false; });
  addEventListener('beforeunload', (event) => {
    if (!leaving && one('[data-state]', form)) { event.preventDefault(); event.returnValue = ''; }
  });

  if ('rollFresh' in form.dataset) {
    for (const line of all('[data-roll-reload]', form)) line.hidden = true;
    setInterval(look, FRESH);
    document.addEventListener('visibilitychange', look);
  }

  /** The start is no mistake any more. */
  function begun(): void {
    for (const part of all('[data-roll-untouched]')) part.hidden = true;
  }

  /** Ticks that the page brought back after signing in again are nobody's yet: they are marked, and the button is there. */
  function restored(): void {
    for (const row of rows.values()) {
      const was = one<HTMLInputElement>('input[type="hidden"][name^="was-"]', row.element);
      if (!was || shown(row.element) === was.value) continue;
      fold(row.element);
      row.element.dataset['state'] = 'typed';
    }
    const left = unsaved();
    if (!left) return;
    tell(say(form, 'unsaved', { n: left }), 'bad');
    if (save) save.hidden = false;
  }

  /** The session is over: what stands here goes along with the form, is kept, and is back after signing in. */
  function ended(): void {
    said.dataset['is'] = 'bad';
    if (one('a', said)) return;
    said.textContent = '';
    const link = document.createElement('a');
    link.href = `/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`;
    link.textContent = say(form, 'ended');
    link.addEventListener('click', (event) => {
      if (!unsaved()) return;
      event.preventDefault();
      form.requestSubmit();
    });
    said.append(link);
  }

  async function look(): Promise<void> {
    if (document.hidden || leaving || deserted()) return;
    const asked = Date.now();
    try {
      const response = await fetch(location.pathname, { credentials: 'same-origin', headers: { Accept: 'application/json', 'X-Fragment': '1' } });
      if (isEnded(response)) return ended();
      if (response.status !== 200 || response.redirected) return;
      const answer: Answer = await response.json();
      for (const row of rows.values()) {
        const is = (answer.marks || {})[row.element.dataset['row'] || ''];
        const own = row.busy || row.element.dataset['state'] || (row.touched || 0) > asked - QUIET || one('details[open]', row.element);
        if (!is || own) continue;
        if (shown(row.element) !== is) { stands(row.element, is); fold(row.element); }
      }
      if (!unsaved()) count(answer.tally || {});
      if (answer.touched) begun();
    } catch {
      // no network: the next look comes soon
    }
  }

  // a refused row is settled: sending it again would be refused again
  const unsaved = () => all('[data-state]:not([data-state=refused])', form).length;
  restored();

  function later(row: Row, ms: number): void {
    clearTimeout(row.rest);
    row.rest = setTimeout(send, ms, row);
  }

  function tell(text: string, is: string): void {
    said.textContent = text;
    said.dataset['is'] = is;
  }

  async function send(row: Row): Promise<void> {
    if (row.busy) { row.again = true; return; }
    clearTimeout(row.rest);
    row.busy = true;
    row.element.dataset['state'] = 'saving';
    note(row, '');
    let outcome: 'saved' | 'failed' | 'refused' = 'failed';
    let over = false;
    try {
      const response = await fetch(form.action, {
        method: 'POST', body: body(row), credentials: 'same-origin',
        headers: { Accept: 'application/json, text/html;q=0.9', 'X-Fragment': '1' },
      });
      over = isEnded(response);
      const json = (response.headers.get('Content-Type') || '').includes('json');
      const answer: Answer = json ? await response.json() : {};
      // a redirect to the sign-in page is an answer, but not the one that saves
      const landed = !response.redirected || new URL(response.url).pathname === location.pathname;
      if (response.ok && landed) {
        outcome = 'saved';
        row.touched = Date.now();
        begun();
        fold(row.element);
        if (json) count(answer.tally || {});
        else if (response.status !== 204) swap(await response.text());
      } else if (response.status < 500 && answer.said) {
        outcome = 'refused';
        note(row, answer.said);
        if (answer.is) { stands(row.element, answer.is); fold(row.element); }
      }
    } catch {
      outcome = 'failed'; // no network: the row keeps its mark until it is sent
    }
    row.busy = false;
    if (row.again) { row.again = false; return send(row); }

    if (outcome === 'saved') delete row.element.dataset['state'];
    else row.element.dataset['state'] = outcome;
    const left = unsaved();
    if (over) ended();
    else if (outcome === 'failed') { tell(say(form, 'failed'), 'bad'); later(row, AGAIN); }
    else if (left) tell(say(form, 'unsaved', { n: left }) || say(form, 'failed'), 'bad');
    else tell(outcome === 'saved' ? say(form, 'saved') : '', 'ok');
    if (save) save.hidden = !left;
  }

  function body(row: Row): URLSearchParams {
    const pairs = new URLSearchParams();
    for (const field of all<HTMLInputElement>('input[type="hidden"]', form)) {
      if (!field.closest('[data-row]')) pairs.append(field.name, field.value);
    }
    for (const field of all<HTMLInputElement>('input, select, textarea', row.element)) {
      if (!field.name || ((field.type === 'checkbox' || field.type === 'radio') && !field.checked)) continue;
      pairs.append(field.name, field.value);
    }
    pairs.append('row', row.element.dataset['row'] || '');
    return pairs;
  }

  function count(tally: Record<string, number | string>): void {
    for (const [name, value] of Object.entries(tally)) {
      for (const place of all(`[data-tally="${CSS.escape(name)}"]`)) place.textContent = String(value);
    }
  }

  function swap(html: string): void {
    const answer = new DOMParser().parseFromString(html, 'text/html');
    for (const part of all('[data-tally]', answer)) count({ [part.dataset['tally'] || '']: part.textContent || '' });
    for (const part of all('[data-swap]', answer)) {
      const place = one(`[data-swap="${CSS.escape(part.dataset['swap'] || '')}"]`);
      if (place) place.replaceWith(document.importNode(part, true));
    }
  }
}

/** Led to the door, or a form of a session before this one. */
function isEnded(response: Response): boolean {
  const led = response.redirected && new URL(response.url).pathname === '/sign-in';
  return led || response.status === 401 || response.status === 403;
}

/** Present and absent exclude each other: the later tap wins. */
function exclude(row: HTMLElement, field: HTMLInputElement): void {
  if (!field.checked) return;
  if (field.type === 'checkbox') for (const other of all<HTMLInputElement>('input[type="radio"]', row)) other.checked = false;
  else if (field.type === 'radio') for (const other of all<HTMLInputElement>('.tap input[type="checkbox"]', row)) other.checked = false;
}

/** Shows what somebody else set: whoever knows better taps once more. */
function stands(row: HTMLElement, is: string): void {
  for (const field of all<HTMLInputElement>('input', row)) {
    if (field.type === 'hidden') field.value = is;
    else field.checked = field.type === 'checkbox' ? is === 'present' : field.value === is;
  }
}

/** The mark that a row shows. */
function shown(row: HTMLElement): string {
  const field = one<HTMLInputElement>('.tap input:checked, input[type="radio"]:checked', row);
  return !field ? 'open' : field.type === 'checkbox' ? 'present' : field.value;
}

/** An absence that is put down folds to one line that says which it is. */
function fold(row: HTMLElement): void {
  const head = one('[data-absent]', row);
  if (!head) return;
  const chosen = one<HTMLInputElement>('input[type="radio"]:checked', row);
  const is = chosen && chosen.value !== 'open' && chosen.nextElementSibling;
  head.textContent = (is && is.textContent) || head.dataset['absent'] || '';
  const folded = head.closest('details')!;
  if (folded.contains(document.activeElement)) (head.parentElement as HTMLElement).focus();
  folded.open = false;
}

/** What the server refused, under its row and heard at once. */
function note(row: Row, text: string): void {
  let place = one('.rowsaid', row.element);
  if (!place) {
    if (!text) return;
    place = document.createElement('p');
    place.className = 'rowsaid';
    place.setAttribute('role', 'alert');
    row.element.append(place);
  }
  place.textContent = text;
}

roll();
