// The service worker of Web Push: shows a notice for every push and opens its link on a click.
// Not here: caching or working offline. The text comes from the server, sealed for this device:
// `{"title", "body", "link"}`, a neutral sentence and a path, never content.
// Surprising: an unreadable push shows a notice too, since browsers revoke silent subscriptions.

/** The path of this site that `link` names; the list of notices when it leads anywhere else. */
function own(link) {
  const home = new URL('/notices', self.location.origin);
  if (typeof link !== 'string' || !link.startsWith('/')) return home.href;
  try {
    const url = new URL(link, home);
    return url.origin === home.origin ? url.href : home.href;
  } catch {
    return home.href;
  }
}

/** What a push says; never throws. */
function read(data) {
  try {
    const said = data.json();
    return said && typeof said === 'object' ? said : {};
  } catch {
    return {}; // no payload, or one of another version
  }
}

self.addEventListener('push', (event) => {
  const said = read(event.data);
  const title = typeof said.title === 'string' && said.title ? said.title : 'Sổ tay';
  const body = typeof said.body === 'string' && said.body ? said.body : 'Có việc mới trong Sổ tay. Mở để xem.';
  event.waitUntil(self.registration.showNotification(title, { body, data: { link: own(said.link) } }));
});

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(self.clients.openWindow(event.notification.data.link));
});
