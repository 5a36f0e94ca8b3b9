-- Whose document it was when it was withdrawn: only they are told that it was here. Empty for what is out or never
-- was; of documents withdrawn before, nobody knows it any more (their drafts may have another audience since).
alter table documents_document add column withdrawn_audience {{path}} not null default '';
