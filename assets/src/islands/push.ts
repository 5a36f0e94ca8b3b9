// Turns on push for this device: asks the browser, then sends the subscription as an ordinary form.
//
//   <form hidden data-js data-push="PUBLIC KEY" data-denied="Trình duyệt không cho…">
//     <input type="hidden" name="endpoint"> <input type="hidden" name="p256dh"> <input type="hidden" name="auth">
//
// Without script there is no push; the form stays hidden.
import { all, one, say, voice } from '../dom';

export function push(): void {
  for (const form of all<HTMLFormElement>('form[data-push]')) {
    if (!('serviceWorker' in navigator) || !('PushManager' in window)) {
      form.remove();
      continue;
    }
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      subscribe(form).then(() => form.submit(), () => { voice(form, '[data-push-said]', 'note').textContent = say(form, 'denied'); });
    });
  }
}

async function subscribe(form: HTMLFormElement): Promise<void> {
  const worker = await navigator.serviceWorker.register('/push-worker.js');
  const text = atob((form.dataset['push'] || '').replace(/-/g, '+').replace(/_/g, '/'));
  const key = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  const { endpoint, keys } = (await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key })).toJSON();
  const told: Record<string, string | undefined> = { endpoint, p256dh: keys && keys['p256dh'], auth: keys && keys['auth'] };
  for (const name of Object.keys(told)) {
    const field = one<HTMLInputElement>(`[name="${name}"]`, form);
    if (field) field.value = told[name] || '';
  }
}
