// Remembers how far a book section was read. On the element that holds the text:
// `data-place data-action="/books/…/place" data-csrf data-section [data-at="0.42"]`.
// Posts `csrf`, `section`, `fraction` (0 to 1, four decimals) at most every 5 s and once more
// when the page is left. Never moves the reader who has already scrolled or followed a link.
import { one } from '../dom';

const EVERY_MS = 5000;

export function place(): void {
  const text = one('[data-place]');
  const action = text && text.dataset['action'];
  if (!text || !action) return;
  // The bar and the words beside it say the same: how much of the whole book was read.
  const bar = one<HTMLProgressElement>('progress[data-place-bar]');
  const words = one('[data-place-words]');
  const show = () => {
    if (!bar) return;
    const [from, to] = [Number(bar.dataset['from']), Number(bar.dataset['to'])];
    bar.value = Math.floor(from + fraction() * (to - from));
    if (words) words.textContent = (words.textContent || '').replace(/\d+/, String(bar.value));
  };

  const way = () => Math.max(1, text.offsetHeight - window.innerHeight);
  const top = () => text.getBoundingClientRect().top + window.scrollY;
  const fraction = () => Math.min(1, Math.max(0, (window.scrollY - top()) / way()));

  let sent = Number(text.dataset['at']) || 0;
  let timer = 0;

  const post = () => {
    timer = 0;
    const now = fraction();
    if (Math.abs(now - sent) < 0.002) return;
    sent = now;
    const body = new URLSearchParams({
      csrf: text.dataset['csrf'] || '', section: text.dataset['section'] || '', fraction: now.toFixed(4),
    });
    // a place lost is a page turned twice: no message, the next scroll sends it again
    fetch(action, { method: 'POST', body, keepalive: true, credentials: 'same-origin' })
      .then((answer) => { if (!answer.ok) sent = -1; }, () => { sent = -1; });
  };

  const start = sent;
  if (start > 0 && !location.hash && window.scrollY === 0) window.scrollTo(0, top() + start * way());
  window.addEventListener('scroll', () => {
    show();
    if (!timer) timer = window.setTimeout(post, EVERY_MS);
  }, { passive: true });
  const leave = () => { window.clearTimeout(timer); post(); };
  window.addEventListener('pagehide', leave);
  document.addEventListener('visibilitychange', () => { if (document.visibilityState === 'hidden') leave(); });
}
