// Type size and ground, seen at once while choosing; the form's button keeps them.
// `data-display` on the form: "root" (fields size, theme → data-size, data-theme on <html>) or
// "reader" (fields r-size, r-ground, r-face, r-lines → the same without "r-" on .reader).
// "default" and "auto" mean: no attribute, the device decides.
import { all, one } from '../dom';

export function display(): void {
  for (const form of all<HTMLFormElement>('form[data-display]')) {
    const target = form.dataset['display'] === 'reader' ? one('.reader') : document.documentElement;
    if (!target) continue;
    form.addEventListener('change', (event) => {
      const field = event.target as HTMLInputElement;
      if (field.type !== 'radio' || !field.checked) return;
      const name = `data-${field.name.replace(/^r-/, '')}`;
      if (field.value === 'default' || field.value === 'auto') target.removeAttribute(name);
      else target.setAttribute(name, field.value);
    });
  }
}
