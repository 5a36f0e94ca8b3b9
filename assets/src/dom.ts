// The few DOM words the islands share. Not a framework: add a word only for its third use.

/** All elements that match, as a real array. */
export function all<E extends Element = HTMLElement>(selector: string, root: ParentNode = document): E[] {
  return Array.from(root.querySelectorAll<E>(selector));
}

/** The first element that matches, or null. */
export function one<E extends Element = HTMLElement>(selector: string, root: ParentNode = document): E | null {
  return root.querySelector<E>(selector);
}

/** A `data-` text with `{name}` places filled in; empty when the template gave none. */
export function say(element: HTMLElement, name: string, values: Record<string, string | number> = {}): string {
  return (element.dataset[name] || '').replace(/\{(\w+)\}/g, (whole, key: string) => (key in values ? String(values[key]) : whole));
}

/** A live region after `element` (made once), so that what is said is also heard. */
export function voice(element: HTMLElement, selector: string, className: string): HTMLElement {
  const found = one(selector, element);
  if (found) return found;
  const made = document.createElement('p');
  made.className = className;
  made.setAttribute('role', 'status');
  element.prepend(made);
  return made;
}

let acted = Date.now();
for (const name of ['pointerdown', 'keydown', 'scroll']) addEventListener(name, () => { acted = Date.now(); }, { passive: true });

/** Nobody has been at this page for ten minutes: it asks for nothing by itself, so that a session left open ends. */
export const deserted = () => Date.now() - acted > 600_000;
