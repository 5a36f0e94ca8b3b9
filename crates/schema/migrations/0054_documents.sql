-- Where a document's unit stands is asked of the unit; a copy of its path was wrong once the unit moved.
alter table documents_document drop column unit_path;
