// Entry of app.js. Every island finds its elements by a `data-` attribute and is only comfort:
// with this file missing, blocked or failed, each page still works as plain HTML.
// Not here: rules, texts (they come in `data-` attributes, in the reader's language).
// Surprising: one island that throws must not take the others with it.
import { agenda } from './islands/agenda';
import { ask } from './islands/ask';
import { display } from './islands/display';
import { filter } from './islands/filter';
import { fresh } from './islands/fresh';
import { page } from './islands/page';
import { place } from './islands/place';
import { push } from './islands/push';
import { sheet } from './islands/sheet';
import { upload } from './islands/upload';

for (const start of [page, display, filter, ask, agenda, place, sheet, fresh, upload, push]) {
  try {
    start();
  } catch (fault) {
    console.error(fault);
  }
}
