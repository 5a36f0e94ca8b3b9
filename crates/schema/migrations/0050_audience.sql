-- Who a thing is for is kept as the id of a unit, no longer as its path: a unit that moves takes its
-- readers with it. What named a unit that is not there any more is for nobody ("unit:gone").
update documents_document set audience = 'unit:' || coalesce(
    (select u.id from people_unit u where u.path = substr(documents_document.audience, 6)), 'gone')
  where substr(audience, 1, 6) = 'unit:/';
update library_shelf set audience = 'unit:' || coalesce(
    (select u.id from people_unit u where u.path = substr(library_shelf.audience, 6)), 'gone')
  where substr(audience, 1, 6) = 'unit:/';
update library_title set audience = 'unit:' || coalesce(
    (select u.id from people_unit u where u.path = substr(library_title.audience, 6)), 'gone')
  where substr(audience, 1, 6) = 'unit:/';
