// Keeps a fragment new: `data-fresh="/path" data-every="10"` (seconds). The same address serves
// the whole page without script; here only the answer's element of the same id is taken over.
// Waits while the page is hidden or somebody is working inside, slows down after failures.
import { all, deserted } from '../dom';

export function fresh(): void {
  for (const element of all('[data-fresh][id]')) {
    const every = Math.max(3, Number(element.dataset['every']) || 15) * 1000;
    let failures = 0;
    const again = () => { window.setTimeout(look, every * Math.min(8, 2 ** failures)); };
    const busy = () => document.hidden || deserted() || element.contains(document.activeElement);
    const look = async () => {
      if (!element.isConnected) return;
      if (!busy()) {
        try {
          const answer = await fetch(element.dataset['fresh'] || '', { headers: { Accept: 'text/html', 'X-Fragment': '1' }, credentials: 'same-origin' });
          if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
          const found = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById(element.id);
          if (found && !busy() && found.innerHTML !== element.innerHTML) element.innerHTML = found.innerHTML;
          failures = 0;
        } catch {
          failures += 1;
        }
      }
      again();
    };
    again();
  }
}
