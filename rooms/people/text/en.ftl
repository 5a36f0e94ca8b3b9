people-refused-too-deep = This unit is at the deepest level; no level can be added below.
people-refused-changed-meanwhile = Somebody corrected this record a moment ago. Nothing was saved; look at the new version.
people-refused-changed-look = See the new version
