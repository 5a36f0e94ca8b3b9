//! Made-up documents for the tests of this room.

use crate::import::{Options, run};
use site::import::{Entry, Outcome, Progress, Quiet, Report};
use std::path::PathBuf;
use testkit::TestApp;

/// A regulation with front matter, chapters, articles, clauses and points.
pub(crate) const RULES: &str = r#"+++
symbol = "12-QĐ/ĐU"
type = "Quy định"
issuer = "Đảng ủy Khối Thử Nghiệm"
place = "Thử Nghiệm"
issued_on = "2026-06-15"
effective_on = "2026-07-01"
title = "về nền nếp sinh hoạt chi bộ"
audience = "public"
+++

# Quy định về nền nếp sinh hoạt chi bộ

Để các chi bộ có nền nếp chung, Đảng ủy quy định như sau.

## Chương I. Quy định chung

### Điều 1. Phạm vi

1. Quy định này nói về việc chuẩn bị sinh hoạt.

2. Áp dụng cho mọi chi bộ:

a) chi bộ khu phố;

b) chi bộ <script>alert(1)</script> trường học.

## Chương II. Sinh hoạt

### Điều 2. Báo vắng

1. Đảng viên vắng mặt báo lý do trước giờ khai mạc.
"#;

/// Guidance for members only, which cites the regulation.
pub(crate) const GUIDANCE: &str = r#"+++
symbol = "07-HD/ĐU"
type = "Hướng dẫn"
issuer = "Ban Thường vụ Đảng ủy Khối Thử Nghiệm"
issued_on = "2026-11-20"
title = "ghi biên bản trong mười phút"
audience = "members"
+++

# Hướng dẫn ghi biên bản trong mười phút

## I. Cách ghi

1. Ghi số vắng mặt theo Điều 2 của Quy định số 12-QĐ/ĐU, ngày 15/6/2026.

2. Làm theo khoản 1 Điều 1 của Quy định số 12-QĐ/ĐU, ngày 15/6/2026.
"#;

/// Writes files into a folder of the app.
pub(crate) fn folder(app: &TestApp, name: &str, files: &[(&str, &str)]) -> PathBuf {
    let folder = app.folder.path().join(name);
    std::fs::create_dir_all(&folder).unwrap();
    for (name, text) in files {
        std::fs::write(folder.join(name), text).unwrap();
    }
    folder
}

/// Imports files for this audience.
pub(crate) async fn import(
    app: &TestApp,
    name: &str,
    files: &[(&str, &str)],
    audience: &str,
) -> Report {
    let path = folder(app, name, files);
    let options = Options {
        audience: audience.parse().unwrap(),
        ..Options::default()
    };
    run(&app.site, &path, &options, &mut Quiet).await.unwrap()
}

/// Both documents; answers their ids.
pub(crate) async fn both(app: &TestApp) -> (String, String) {
    let report = import(
        app,
        "both",
        &[("12.md", RULES), ("07.md", GUIDANCE)],
        "members",
    )
    .await;
    assert_eq!(report.count(Outcome::Added), 2, "{:?}", report.entries);
    app.catch_up().await;
    let id = |source: &str| {
        report
            .entries
            .iter()
            .find(|entry| entry.source == source)
            .unwrap()
            .id
            .clone()
    };
    (id("12.md"), id("07.md"))
}

/// Progress that stops after so many entries.
pub(crate) struct StopAfter(pub(crate) usize);

impl Progress for StopAfter {
    fn step(&mut self, _entry: &Entry) {
        self.0 = self.0.saturating_sub(1);
    }
    fn is_stopped(&self) -> bool {
        self.0 == 0
    }
}
