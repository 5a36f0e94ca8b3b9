// Sends large files in pieces, so that a lost line costs one piece and sending goes on by itself.
//
//   <form data-upload="roster" data-place="UNIT" data-sending="Đang gửi, được {n} %" data-lost="Mất mạng…">
//     <input type="hidden" name="csrf"> <input type="file" name="files"> other fields
//   <form data-upload-again="ID" …> on the page of an upload that is not whole: the same file goes on
//
// Without script the form is sent whole. Small files are sent whole too. The server says where a file
// goes on; it knows best after a lost answer.
import { all, one, say, voice } from '../dom';

const PIECE = 512 * 1024;

export function upload(): void {
  // "No file" of the browser is in its own language: style hides it while there is none.
  for (const field of all<HTMLInputElement>('input[type="file"]')) {
    const mark = (): void => { field.toggleAttribute('data-empty', !field.files?.length); };
    field.addEventListener('change', mark);
    mark();
  }
  for (const form of all<HTMLFormElement>('form[data-upload], form[data-upload-again]')) {
    form.addEventListener('submit', (event) => {
      const field = one<HTMLInputElement>('input[type="file"]', form);
      const files = Array.from((field && field.files) || []);
      const size = files.reduce((sum, file) => sum + file.size, 0);
      const again = form.dataset['uploadAgain'];
      if (!size || (!again && size < 2 * PIECE)) return;
      event.preventDefault();
      const button = one<HTMLButtonElement>('button', form);
      if (button) button.disabled = true;
      send(form, files, size, again).catch(() => { if (button) button.disabled = false; form.submit(); });
    });
  }
}

async function send(form: HTMLFormElement, files: File[], size: number, again?: string): Promise<void> {
  const token = (one<HTMLInputElement>('[name="csrf"]', form) || { value: '' }).value;
  const said = voice(form, '[data-upload-said]', 'note');
  const id = again || await begin(form, files);
  let sent = 0;
  for (const file of files) {
    const to = `/uploads/${id}/piece?name=${encodeURIComponent(file.name)}&at=`;
    // An empty piece asks how much is here.
    let at = await piece(to + 0, new Blob(), token);
    while (at < file.size) {
      said.textContent = say(form, 'sending', { n: Math.floor((100 * (sent + at)) / size) });
      at = await piece(to + at, file.slice(at, at + PIECE), token);
    }
    sent += file.size;
  }
  const end = document.createElement('form');
  end.method = 'post';
  end.action = `/uploads/${id}/sent`;
  const field = document.createElement('input');
  field.name = 'csrf';
  field.value = token;
  end.hidden = true;
  end.append(field);
  document.body.append(end);
  end.submit();

  async function piece(path: string, body: Blob, csrf: string): Promise<number> {
    for (let wait = 1000; ; wait = Math.min(30000, wait * 2)) {
      try {
        const answer = await fetch(path, { method: 'POST', body, headers: { 'x-csrf': csrf, 'content-type': 'application/octet-stream' } });
        if (answer.ok) return ((await answer.json()) as { at: number }).at;
        if (answer.status < 500) {
          location.href = `/uploads/${id}`;
          return new Promise(() => {});
        }
      } catch { /* the line is lost */ }
      said.textContent = say(form, 'lost');
      await new Promise((done) => { window.setTimeout(done, wait); });
    }
  }
}

async function begin(form: HTMLFormElement, files: File[]): Promise<string> {
  const fields = new URLSearchParams();
  new FormData(form).forEach((value, name) => { if (typeof value === 'string') fields.append(name, value); });
  fields.set('importer', form.dataset['upload'] || '');
  fields.set('place', form.dataset['place'] || '');
  for (const file of files) {
    fields.append('name', file.name);
    fields.append('size', String(file.size));
  }
  const answer = await fetch('/uploads/begin', { method: 'POST', body: fields });
  if (!answer.ok) throw new Error(String(answer.status));
  return ((await answer.json()) as { id: string }).id;
}
