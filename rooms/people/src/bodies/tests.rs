//! Stories of the directory.

use testkit::{BINH, HOA, LAN, MINH, THU, TUAN, TestApp, on_both};

const NEW: &[(&str, &str)] = &[
    ("name", "Văn phòng Đảng ủy"),
    ("as_unit", "đảng bộ khu phố thử"),
    ("address", "Số 9 phố Thử"),
    ("phone", "024 3999 0001"),
    ("hours", "Thứ hai đến thứ sáu, 8 giờ đến 17 giờ"),
    ("receiver", "Bộ phận một cửa"),
    ("takes", "Giấy giới thiệu"),
    ("is_public", "1"),
    ("from_on", "01/01/2026"),
    ("last_on", ""),
];

fn with<'a>(changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut all: Vec<(&str, &str)> = NEW.to_vec();
    all.retain(|(name, _)| !changes.iter().any(|(other, _)| name == other));
    all.extend(changes);
    all
}

async fn id(app: &TestApp) -> String {
    let row = db::sql(
        "select id from people_body order by case when name = 'Văn phòng Đảng ủy' then 0 else 1 end, id limit 1",
    );
    let row: (String,) = row.one(app.site.db.read()).await.unwrap();
    row.0
}

#[tokio::test(flavor = "multi_thread")]
async fn an_office_keeps_the_directory_and_everybody_reads_what_is_for_them() {
    on_both(
        || vec![crate::room()],
        async |app| {
            let thu = app.as_(THU);
            assert!(
                app.stranger()
                    .get("/bodies")
                    .await
                    .expects(200)
                    .has("#none")
            );
            let form = thu.get("/bodies/new").await.expects(200);
            assert!(
                !form.has("input[name='row_version']"),
                "an empty one would not be read"
            );
            thu.post("/bodies/new", NEW).await.expects(303);
            let inner = with(&[
                ("name", "Ban Tổ chức tỉnh"),
                ("as_unit", ""),
                ("is_public", "0"),
            ]);
            thu.post("/bodies/new", &inner).await.expects(303);
            let page = app.stranger().get("/bodies").await.expects(200);
            assert_eq!(
                page.attributes("#bodies a[href^='tel:']", "href"),
                ["tel:02439990001"]
            );
            for words in [
                "Văn phòng Đảng ủy",
                "Số 9 phố Thử",
                "8 giờ",
                "một cửa",
                "Giấy giới thiệu",
            ] {
                assert!(page.text("#bodies").contains(words), "{words}");
            }
            assert!(!page.body().contains("Ban Tổ chức tỉnh") && !page.body().contains("/edit"));
            let page = app.as_(HOA).get("/bodies").await.expects(200);
            assert!(page.text("#bodies").contains("Ban Tổ chức tỉnh"));
            assert!(!page.has("a[href='/bodies/new']") && !page.body().contains("/edit"));
            let page = app.as_(HOA).get("/bodies?q=to+chuc").await.expects(200);
            assert!(
                !page.text("#bodies").contains("Văn phòng"),
                "by name without marks"
            );
            assert!(thu.get("/bodies").await.has("a[href='/bodies/new']"));
            // One that is over stays for who keeps it.
            let path = format!("/bodies/{}/edit", id(&app).await);
            assert!(
                thu.get(&path)
                    .await
                    .expects(200)
                    .body()
                    .contains("Khu phố Thử")
            );
            let over = with(&[("last_on", "22/11/2026"), ("row_version", "1")]);
            thu.post(&path, &over).await.expects(303);
            assert!(app.stranger().get("/bodies").await.has("#none"));
            assert!(
                thu.get("/bodies")
                    .await
                    .text("#not-now")
                    .contains("Văn phòng Đảng ủy")
            );
            assert_eq!(
                app.count(
                    "select count(*) from audit_event where action in ('body.add', 'body.set')"
                )
                .await,
                3
            );
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_odd_is_told_beside_its_field() {
    on_both(
        || vec![crate::room()],
        async |app| {
            for (field, value) in [
                ("name", "  "),
                ("phone", "gọi tôi"),
                ("as_unit", "Chi bộ không có"),
                ("as_unit", "Đảng bộ Trường Thử"),
                ("from_on", "31/02/2026"),
                ("last_on", "31/12/2025"),
            ] {
                let page = app
                    .as_(THU)
                    .post("/bodies/new", &with(&[(field, value)]))
                    .await
                    .expects(422);
                assert!(page.has(&format!("#e-{field}")), "{field}: {value}");
            }
            assert_eq!(app.count("select count(*) from people_body").await, 0);
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_writes_it_and_of_two_at_once_one_is_told() {
    on_both(
        || vec![crate::room()],
        async |app| {
            app.as_(THU).post("/bodies/new", NEW).await.expects(303);
            let path = format!("/bodies/{}/edit", id(&app).await);
            for who in [HOA, LAN, MINH, TUAN, BINH] {
                app.as_(who).get("/bodies/new").await.expects(404);
                app.as_(who).post("/bodies/new", NEW).await.expects(404);
                app.as_(who).get(&path).await.expects(404);
                app.as_(who)
                    .post(&path, &with(&[("row_version", "1")]))
                    .await
                    .expects(404);
            }
            app.as_(THU)
                .post_forged("/bodies/new", NEW)
                .await
                .expects(403);
            app.as_(THU).post_forged(&path, NEW).await.expects(403);
            app.stranger().get(&path).await.expects(303);
            app.as_(THU).get("/bodies/%2E%2E/edit").await.expects(404);
            let (one, two) = (
                with(&[("row_version", "1"), ("hours", "a")]),
                with(&[("row_version", "1"), ("hours", "b")]),
            );
            let thu = app.as_(THU);
            let (one, two) = tokio::join!(thu.post(&path, &one), thu.post(&path, &two));
            let mut codes = [one.status.as_u16(), two.status.as_u16()];
            codes.sort_unstable();
            assert_eq!(codes, [303, 409]);
            assert_eq!(
                app.count("select count(*) from people_body where row_version = 2")
                    .await,
                1
            );
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unit_without_an_entry_has_that_of_the_nearest_one_above() {
    on_both(
        || vec![crate::room()],
        async |app| {
            let thu = app.as_(THU);
            thu.post("/bodies/new", NEW).await.expects(303);
            let cell = crate::unit::get_ref(&app.site, &"cell-b".parse().unwrap())
                .await
                .unwrap();
            let beside = crate::unit::get_ref(&app.site, &"cell-e".parse().unwrap())
                .await
                .unwrap();
            let names = async |unit| -> Vec<String> {
                let all = super::of_unit(&app.site, unit).await.unwrap();
                all.into_iter().map(|body| body.name).collect()
            };
            assert_eq!(names(&cell).await, ["Văn phòng Đảng ủy"]);
            assert!(names(&beside).await.is_empty());
            thu.post(
                "/bodies/new",
                &with(&[("name", "Nhà văn hóa"), ("as_unit", "Chi bộ Tổ dân phố 2")]),
            )
            .await
            .expects(303);
            assert_eq!(names(&cell).await, ["Nhà văn hóa"]);
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_form_twice_makes_one_entry_and_one_that_has_not_begun_has_no_end() {
    on_both(
        || vec![crate::room()],
        async |app| {
            let thu = app.as_(THU);
            let form = thu.get("/bodies/new").await.expects(200);
            let once = form.attributes("input[name=once]", "value").remove(0);
            let typed = with(&[("once", once.as_str()), ("from_on", "01/01/2027")]);
            let (one, other) = (app.as_(THU), app.as_(THU));
            let (one, other) = tokio::join!(
                one.post("/bodies/new", &typed),
                other.post("/bodies/new", &typed)
            );
            one.expects(303);
            other.expects(303);
            let entries = "select count(*) from people_body";
            assert_eq!(app.count(entries).await, 1);
            let logged = "select count(*) from audit_event where action = 'body.add'";
            assert_eq!(app.count(logged).await, 1);
            assert_ne!(id(&app).await, once, "no form names an id");
            let page = thu.get("/bodies").await.expects(200);
            let line = page.text("#not-now");
            assert!(
                line.contains("01/01/2027") && !page.body().contains("9999"),
                "{line}"
            );
            // What was made by hand names no form.
            let upper = once.to_uppercase();
            for odd in [upper.as_str(), "------------------------------------"] {
                for _ in 0..2 {
                    let typed = with(&[("once", odd)]);
                    thu.post("/bodies/new", &typed).await.expects(303);
                }
            }
            assert_eq!(app.count(entries).await, 5);
        },
    )
    .await;
}
