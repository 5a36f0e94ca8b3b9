-- A form that made something new: the key that it carried, a keyed hash of what was in it, and what came of it.
-- The same key with other content is asked about and never dropped.
create table form_taken (
    id text primary key,
    hash text not null,
    thing text not null,
    at bigint not null
);
