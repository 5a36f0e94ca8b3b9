-- Whether somebody who does not come said why: nobody is put under "another reason" for saying nothing.
alter table meetings_absence add column is_told bigint not null default 1 check (is_told in (0, 1));
