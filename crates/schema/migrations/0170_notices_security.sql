-- Mail about how somebody signs in is nobody's wish: it goes out whatever was chosen, also to who never asked for
-- mail, at the address that the record had. Such an address is kept for this alone until its member asks for more.
alter table notices_notice add column is_security bigint not null default 0 check (is_security in (0, 1));
alter table notices_endpoint add column is_security bigint not null default 0 check (is_security in (0, 1));
