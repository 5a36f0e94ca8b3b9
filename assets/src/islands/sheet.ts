// A sheet opens by its own address (`#id`, CSS :target). With script it also takes the focus,
// closes with Escape or a press beside it, and gives the focus back to what opened it.
// Surprising: every other link within the page (the skip link, a contents list) is left alone.
import { one } from '../dom';

export function sheet(): void {
  let opener: HTMLElement | null = null;
  const open = () => one('.sheet:target');
  const opens = (link: HTMLAnchorElement) => {
    const goal = document.getElementById(link.hash.slice(1));
    return Boolean(goal && goal.classList.contains('sheet') && lies(goal));
  };
  const lies = (element: HTMLElement) => getComputedStyle(element).position === 'fixed';

  document.addEventListener('click', (event) => {
    const target = event.target as HTMLElement;
    const link = target.closest<HTMLAnchorElement>('a[href^="#"]');
    const now = open();
    if (link && !link.closest('.sheet')) opener = opens(link) ? link : null;
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
    } else if (opener) {
      // closed: back to what opened it; followed to a place in the text: the focus belongs there
      const goal = one(':target');
      if (opener.isConnected && (!goal || goal.matches('main'))) opener.focus({ preventScroll: true });
      opener = null;
    }
  });

  function close(now: HTMLElement): void {
    const way = one<HTMLAnchorElement>('a.iconlink[href^="#"]', now);
    const at = window.scrollY;
    location.hash = way ? way.hash : '';
    window.scrollTo(0, at);
  }
}
