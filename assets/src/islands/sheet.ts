// A sheet opens by its own address (`#id`, CSS :target). With script it also takes the focus,
// closes with Escape or a press beside it, and gives the focus back to what opened it.
import { one } from '../dom';

export function sheet(): void {
  let opener: HTMLElement | null = null;
  const open = () => one('.sheet:target');
  const lies = (element: HTMLElement) => getComputedStyle(element).position === 'fixed';

  document.addEventListener('click', (event) => {
    const target = event.target as HTMLElement;
    const link = target.closest<HTMLAnchorElement>('a[href^="#"]');
    const now = open();
    if (link && !link.closest('.sheet')) opener = link;
    else if (now && lies(now) && !now.contains(target)) { event.preventDefault(); close(now); }
  });
  document.addEventListener('keydown', (event) => {
    const now = open();
    if (event.key === 'Escape' && now && lies(now)) close(now);
  });
  window.addEventListener('hashchange', () => {
    const now = open();
    if (now && lies(now)) {
      const first = one('a, button, input', now);
      if (first) first.focus({ preventScroll: true });
    } else if (opener && opener.isConnected && !one(':target')?.matches('section, h2, h3, p')) {
      opener.focus({ preventScroll: true });
    }
  });

  function close(now: HTMLElement): void {
    const way = one<HTMLAnchorElement>('a.iconlink[href^="#"]', now);
    const at = window.scrollY;
    location.hash = way ? way.hash : '';
    window.scrollTo(0, at);
  }
}
