-- Meetings of a unit: from planning to the draft of the minutes (governance reference, section 5).
-- Nothing here is deleted once a meeting was called; attendance and numbers freeze when it ends.

-- Agenda templates: dated, editable data. cell_type '' means every type.
create table meetings_template (
  id text primary key,
  code text not null,
  name text not null,
  kind text not null check (kind in ('regular','theme')),
  cell_type text not null default '',
  items_json text not null,
  basis text not null default '',
  verified bigint not null default 0 check (verified in (0, 1)),
  from_on text not null,
  to_on text not null default '9999-12-31',
  row_version bigint not null default 1
);
create unique index meetings_template_code_cell_type_from_on on meetings_template(code, cell_type, from_on);
create index meetings_template_kind on meetings_template(kind, cell_type, to_on);

-- Figures of the rules (domain reference, sections 4 and 5): dated, editable, shown as unverified until checked.
create table meetings_rule (
  name text not null,
  from_on text not null,
  to_on text not null default '9999-12-31',
  value bigint not null,
  basis text not null default '',
  verified bigint not null default 0 check (verified in (0, 1)),
  primary key (name, from_on)
);
insert into meetings_rule (name, from_on, value, basis) values
  ('regular_due_day', '1900-01-01', 31, '42-HD/BTCTW (28/10/2025)'),
  ('plan_ahead_days', '1900-01-01', 10, ''),
  ('papers_days', '1900-01-01', 1, '42-HD/BTCTW (28/10/2025)'),
  ('minutes_days', '1900-01-01', 2, '42-HD/BTCTW (28/10/2025)'),
  ('pass_num', '1900-01-01', 1, '294-QĐ/TW 9.3'),
  ('pass_den', '1900-01-01', 2, '294-QĐ/TW 9.3');

create table meetings_meeting (
  id text primary key,
  unit_id text not null references people_unit(id),
  kind text not null check (kind in ('regular','theme')),
  title text not null,
  state text not null check (state in ('draft','called','checkin','running','ended','archived','cancelled')),
  starts_at bigint not null,
  started_at bigint,
  ended_at bigint,
  place text not null default '',
  chair_id text not null default '',
  clerk_id text not null default '',
  series_id text not null default '',
  template_code text not null default '',
  cancel_reason text not null default '',
  once_key text not null,
  created_by text not null default '',
  created_at bigint not null,
  row_version bigint not null default 1
);
create unique index meetings_meeting_once_key on meetings_meeting(once_key);
create index meetings_meeting_unit on meetings_meeting(unit_id, starts_at);

create table meetings_postponement (
  id text primary key,
  meeting_id text not null references meetings_meeting(id),
  old_starts_at bigint not null,
  new_starts_at bigint not null,
  reason text not null default '',
  by_member text not null,
  at bigint not null
);
create index meetings_postponement_meeting on meetings_postponement(meeting_id, at);

create table meetings_item (
  id text primary key,
  meeting_id text not null references meetings_meeting(id),
  parent_id text not null default '',
  position bigint not null,
  title text not null,
  kind text not null default 'common' check (kind in ('common','internal','hidden')),
  minutes_planned bigint not null default 0,
  presenter text not null default '',
  summary text not null default '',
  conclusion text not null default '',
  object_type text not null default '',
  object_id text not null default ''
);
create index meetings_item_meeting on meetings_item(meeting_id, position);

-- item_id '' means the meeting as a whole.
create table meetings_material (
  meeting_id text not null references meetings_meeting(id),
  item_id text not null default '',
  document_id text not null,
  published_at bigint,
  primary key (meeting_id, item_id, document_id)
){{keyed}};

create table meetings_invitation (
  meeting_id text not null references meetings_meeting(id),
  member_id text not null references people_member(id),
  as_kind text not null default 'member',
  sent_at bigint,
  seen_at bigint,
  answer text not null default '' check (answer in ('','yes','no')),
  answered_at bigint,
  primary key (meeting_id, member_id)
){{keyed}};

-- category and note are for the committee of the unit and for the member alone.
create table meetings_absence (
  id text primary key,
  meeting_id text not null references meetings_meeting(id),
  member_id text not null references people_member(id),
  category text not null default 'other' check (category in ('health','work','family','away','other')),
  note text not null default '',
  note_private bigint not null default 1 check (note_private in (0, 1)),
  filed_at bigint not null,
  state text not null check (state in ('filed','accepted','refused','withdrawn')),
  decided_by text not null default '',
  decided_at bigint
);
create unique index meetings_absence_meeting_id_member_id on meetings_absence(meeting_id, member_id);

-- One mark a person; check-in by code will add its own rows and fill this one.
create table meetings_attendance (
  meeting_id text not null references meetings_meeting(id),
  member_id text not null references people_member(id),
  state text not null check (state in ('open','present','excused','unexcused')),
  reason text not null default '',
  marked_by text not null,
  marked_at bigint not null,
  row_version bigint not null default 1,
  primary key (meeting_id, member_id)
){{keyed}};

create table meetings_numbers (
  meeting_id text not null references meetings_meeting(id),
  taken_at bigint not null,
  moment text not null check (moment in ('start','vote','end')),
  headcount bigint not null,
  full_total bigint not null,
  probationary bigint not null,
  exempt bigint not null,
  away bigint not null,
  convened bigint not null,
  present bigint not null,
  excused bigint not null,
  unexcused bigint not null,
  vote_base bigint not null,
  dues_paid bigint not null default 0,
  by_member text not null,
  primary key (meeting_id, moment, taken_at)
);

create table meetings_revision (
  id text primary key,
  meeting_id text not null references meetings_meeting(id),
  number bigint not null,
  state text not null check (state in ('writing','circulated','signed')),
  body text not null,
  body_hash text not null,
  author_id text not null,
  at bigint not null,
  corrects_id text not null default ''
);
create unique index meetings_revision_meeting_id_number on meetings_revision(meeting_id, number);

create table meetings_task (
  id text primary key,
  unit_id text not null references people_unit(id),
  origin_type text not null default 'meeting',
  origin_id text not null,
  item_id text not null default '',
  title text not null,
  owner_id text not null default '',
  due_on text not null default '',
  state text not null check (state in ('open','done','dropped')),
  done_on text not null default '',
  once_key text not null
);
create unique index meetings_task_once_key on meetings_task(once_key);
create index meetings_task_unit on meetings_task(unit_id, state, due_on);
create index meetings_task_origin on meetings_task(origin_type, origin_id);

insert into meetings_template (id, code, name, kind, cell_type, items_json, basis, verified, from_on) values
  ('seed-regular-residential', 'regular-residential', 'Thường kỳ, chi bộ thôn, tổ dân phố', 'regular', 'residential', '[{"title": "Khai mạc, điểm danh, thông qua chương trình", "minutes": 10, "note": "Đọc số có mặt, số vắng."}, {"title": "Tin trong tháng, văn bản mới", "minutes": 10, "note": "Mỗi văn bản nói ba ý."}, {"title": "Việc đã giao tháng trước", "minutes": 15, "note": "Người được giao tự báo cáo."}, {"title": "Tình hình khu dân cư, ý kiến của bà con", "minutes": 20, "note": "Ghi tên người hỏi để trả lời lại."}, {"title": "Bàn việc chính của tháng tới", "minutes": 25, "note": "Không quá hai việc."}, {"title": "Kết luận, giao việc, biểu quyết", "minutes": 10, "note": "Mỗi việc một người, một ngày."}]', '50-CT/TW (23/7/2025); 42-HD/BTCTW (28/10/2025)', 0, '1900-01-01'),
  ('seed-regular-agency', 'regular-agency', 'Thường kỳ, chi bộ cơ quan, đơn vị', 'regular', 'agency', '[{"title": "Khai mạc, điểm danh, thông qua chương trình", "minutes": 5, "note": "Người trực ca ghi vắng có lý do."}, {"title": "Văn bản mới liên quan đến đơn vị", "minutes": 10, "note": "Chỉ đọc đoạn phải làm."}, {"title": "Kết quả nhiệm vụ và việc đã giao", "minutes": 20, "note": "Kết quả trước, khó khăn sau."}, {"title": "Thái độ phục vụ, lời khen, lời phàn nàn", "minutes": 15, "note": "Lấy trường hợp thật."}, {"title": "Bàn việc chính của tháng tới", "minutes": 25, "note": "Không quá hai việc."}, {"title": "Kết luận, giao việc, biểu quyết", "minutes": 15, "note": "Mỗi việc một người, một ngày."}]', '50-CT/TW (23/7/2025); 42-HD/BTCTW (28/10/2025)', 0, '1900-01-01'),
  ('seed-regular-state-enterprise', 'regular-state-enterprise', 'Thường kỳ, chi bộ doanh nghiệp nhà nước', 'regular', 'state_enterprise', '[{"title": "Khai mạc, điểm danh, thông qua chương trình", "minutes": 5, "note": "Người đi ca báo trước."}, {"title": "Văn bản mới, tin trong ngành", "minutes": 10, "note": "Mỗi tin một phút."}, {"title": "Sản xuất, an toàn trong tháng", "minutes": 20, "note": "Chỉ bàn chỗ tăng, chỗ giảm."}, {"title": "Việc đã giao tháng trước", "minutes": 15, "note": "Chưa xong thì nói cần ai giúp."}, {"title": "Đời sống, ý kiến của người lao động", "minutes": 15, "note": "Trả lời ngay, trả lời sau, chuyển lên trên."}, {"title": "Bàn việc chính, kết luận, giao việc", "minutes": 25, "note": "Mỗi việc một người, một ngày."}]', '50-CT/TW (23/7/2025); 42-HD/BTCTW (28/10/2025)', 0, '1900-01-01'),
  ('seed-regular-private-enterprise', 'regular-private-enterprise', 'Thường kỳ, chi bộ doanh nghiệp tư nhân', 'regular', 'private_enterprise', '[{"title": "Khai mạc, điểm danh, thông qua chương trình", "minutes": 5, "note": "Họp ngoài giờ làm."}, {"title": "Văn bản mới liên quan đến người lao động", "minutes": 10, "note": "Hai văn bản là đủ."}, {"title": "Việc đã giao tháng trước", "minutes": 15, "note": "Xong, chưa xong, cần gì."}, {"title": "Tình hình công việc, việc làm", "minutes": 20, "note": "Chỉ nói điều đã biết chắc."}, {"title": "Giúp đỡ người lao động mới", "minutes": 15, "note": "Mỗi đảng viên một người."}, {"title": "Bàn việc chính, kết luận, giao việc", "minutes": 25, "note": "Một việc chi bộ tự làm được."}]', '50-CT/TW (23/7/2025); 42-HD/BTCTW (28/10/2025)', 0, '1900-01-01'),
  ('seed-regular-student', 'regular-student', 'Thường kỳ, chi bộ sinh viên', 'regular', 'student', '[{"title": "Khai mạc, điểm danh, thông qua chương trình", "minutes": 5, "note": "Người đi thực tập báo trước."}, {"title": "Một trang sách, một điều rút ra", "minutes": 10, "note": "Mỗi tháng một đồng chí."}, {"title": "Học tập, rèn luyện, việc đã giao", "minutes": 20, "note": "Nói cả chỗ vướng."}, {"title": "Tình hình lớp, ký túc xá", "minutes": 15, "note": "Tin trên mạng phải kiểm nguồn."}, {"title": "Đảng viên dự bị, người đang phấn đấu", "minutes": 15, "note": "Hai điều tốt, một điều cần sửa."}, {"title": "Bàn việc chính, kết luận, giao việc", "minutes": 25, "note": "Tránh tuần thi."}]', '50-CT/TW (23/7/2025); 42-HD/BTCTW (28/10/2025)', 0, '1900-01-01'),
  ('seed-regular-armed-forces', 'regular-armed-forces', 'Thường kỳ, chi bộ lực lượng vũ trang', 'regular', 'armed_forces', '[{"title": "Khai mạc, điểm danh, thông qua chương trình", "minutes": 5, "note": "Nội dung mật không đưa vào Sổ tay."}, {"title": "Văn bản mới được phép phổ biến", "minutes": 10, "note": "Chỉ văn bản công khai hoặc cho đảng viên."}, {"title": "Kết quả nhiệm vụ, kỷ luật, an toàn", "minutes": 20, "note": "Nói bằng lời chung."}, {"title": "Việc đã giao tháng trước", "minutes": 15, "note": "Từng đồng chí tự báo cáo."}, {"title": "Công tác dân vận", "minutes": 15, "note": "Nơi giúp, việc giúp, ai chịu trách nhiệm."}, {"title": "Bàn việc chính, kết luận, giao việc", "minutes": 25, "note": "Có phương án khi trực đột xuất."}]', '50-CT/TW (23/7/2025); 42-HD/BTCTW (28/10/2025)', 0, '1900-01-01'),
  ('seed-regular-general', 'regular-general', 'Thường kỳ, dùng chung', 'regular', '', '[{"title": "Khai mạc, điểm danh, thông qua chương trình", "minutes": 10, "note": "Đọc số có mặt, số vắng."}, {"title": "Tin trong tháng, văn bản mới", "minutes": 15, "note": "Mỗi văn bản nói ba ý."}, {"title": "Việc đã giao tháng trước", "minutes": 20, "note": "Người được giao tự báo cáo."}, {"title": "Bàn việc chính của tháng tới", "minutes": 30, "note": "Không quá hai việc."}, {"title": "Kết luận, giao việc, biểu quyết", "minutes": 15, "note": "Mỗi việc một người, một ngày."}]', '50-CT/TW (23/7/2025); 42-HD/BTCTW (28/10/2025)', 0, '1900-01-01'),
  ('seed-theme-general', 'theme-general', 'Chuyên đề, dùng cho mọi loại chi bộ', 'theme', '', '[{"title": "Khai mạc, điểm danh, nêu mục đích", "minutes": 10, "note": "Hết buổi này chi bộ phải rõ điều gì."}, {"title": "Trình bày chuyên đề", "minutes": 20, "note": "Chỉ nói ý chính."}, {"title": "Thảo luận", "minutes": 40, "note": "Ta đang làm thế nào, vướng ở đâu, đổi điều gì."}, {"title": "Người trình bày trả lời, bổ sung", "minutes": 10, "note": "Câu nào chưa trả lời được thì ghi lại."}, {"title": "Kết luận, chọn việc làm theo, biểu quyết", "minutes": 10, "note": "Không quá ba việc."}]', '50-CT/TW (23/7/2025); 42-HD/BTCTW (28/10/2025)', 0, '1900-01-01');
