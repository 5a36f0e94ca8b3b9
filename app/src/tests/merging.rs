//! What other rooms keep under a record that was merged is read as the record that stays: meetings to come, uploads,
//! devices.

use kernel::Role;
use testkit::{HOA, LAN, MINH, THU, TestApp, on_both_at};

/// Thu makes one of two records, Minh agrees.
async fn become_one(app: &TestApp, kept: &str, old: &str) {
    let (thu, path) = (app.as_(THU), format!("/members/{kept}/merging"));
    let page = thu.get(&format!("{path}?with={old}")).await.expects(200);
    let mut names = page.attributes("form[data-ask] input[type=radio]", "name");
    names.dedup();
    let mut typed = vec![("with", old), ("reason", "Đã đối chiếu")];
    typed.extend(names.iter().map(|name| (name.as_str(), kept)));
    thu.post(&path, &typed).await.expects(303);
    let minh = people::actor::load(&app.site, &"minh".parse().unwrap()).await;
    let minh = minh.unwrap();
    for open in site::four_eyes::list_open(&app.site, &minh).await.unwrap() {
        let yes = approvals::Decision::Approved;
        let (id, hash) = (&open.id, open.payload_hash.as_str());
        site::four_eyes::decide(&app.site, "test", &minh, id, hash, yes, "")
            .await
            .unwrap();
    }
    app.works().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn meetings_to_come_and_uploads_lead_to_the_record_that_stays_and_devices_end() {
    on_both_at("https://sotay.example", crate::wiring::rooms, async |app| {
        app.has_post(MINH, "Phó bí thư", Role::CommitteeLead, "committee")
            .await;
        app.has_post(LAN, "Cán bộ tổ chức", Role::OrgOfficer, "cell-a")
            .await;
        let lan = app.as_(LAN);
        let plan = [
            ("unit", "cell-a"),
            ("kind", "regular"),
            ("date", "2026-11-27"),
            ("time", "19:30"),
            ("heading", ""),
            ("place", "Nhà văn hóa"),
            ("chair", "hoa"),
            ("clerk", "hoa"),
            ("item", ""),
            ("title", "Khai mạc"),
            ("minutes", "10"),
            ("presenter", ""),
            ("sure", "hour month again"),
            ("do", "save"),
        ];
        let meeting = lan
            .post("/meetings/new", &plan)
            .await
            .expects(303)
            .location();
        let list = "Họ và tên,Ngày sinh\nĐinh Văn Một,1/2/1960\n";
        let file = [("files", "danh sách.csv", list.as_bytes())];
        let sent = app
            .as_(THU)
            .post_files("/units/cell-a/import", &file)
            .await
            .expects(303);
        let upload = sent.location();
        app.works().await;
        app.sets("update uploads_upload set owner_id = 'hoa'").await;
        lan.get(&upload).await.expects(404);
        let page = app.as_(HOA).get("/notices/settings").await.expects(200);
        let key = page.attributes("form[data-push]", "data-push").remove(0);
        let device = [
            ("endpoint", "https://push.example.org/send/abc"),
            ("p256dh", key.as_str()),
            ("auth", "AAAAAAAAAAAAAAAAAAAAAA"),
        ];
        app.as_(HOA)
            .post("/notices/devices", &device)
            .await
            .expects(303);
        let devices = "select count(*) from notices_endpoint where member_id = 'hoa'";
        assert_eq!(app.count(devices).await, 1);
        become_one(&app, "lan", "hoa").await;
        let page = lan.get(&format!("{meeting}/edit")).await.expects(200);
        for field in ["chair", "clerk"] {
            let chosen =
                page.attributes(&format!("select[name={field}] option[selected]"), "value");
            assert_eq!(chosen, ["lan"], "{field}");
        }
        let page = lan.get("/uploads").await.expects(200);
        assert!(page.has(&format!("a[href='{upload}']")), "{}", page.body());
        lan.get(&upload).await.expects(200);
        // Also where the record that stays takes in nothing there: how it ended, and nobody of it.
        app.sets("update people_grant set revoked_at = 1 where member_id = 'lan'")
            .await;
        app.sets("update people_epoch set value = value + 1 where name = 'grants'")
            .await;
        let past = lan.get(&upload).await.expects(200);
        assert!(
            past.has("#past") && !past.body().contains("Đinh"),
            "{}",
            past.body()
        );
        app.sets("update people_grant set revoked_at = null where member_id = 'lan'")
            .await;
        app.sets("update people_epoch set value = value + 1 where name = 'grants'")
            .await;
        assert_eq!(app.count(devices).await, 0);
        // Taking apart asks why they are two, and says so to whoever decides.
        let thu = app.as_(THU);
        let page = thu.get("/members/lan").await.expects(200);
        let to = page.attributes("#merged a", "href").pop().unwrap();
        let reason = [("reason", "Hai chị em họ")];
        thu.post(&to, &reason).await.expects(303);
        let minh = people::actor::load(&app.site, &"minh".parse().unwrap()).await;
        let open = site::four_eyes::list_open(&app.site, &minh.unwrap())
            .await
            .unwrap();
        let page = thu
            .get(&format!("/approvals/{}", open[0].id))
            .await
            .expects(200);
        assert!(page.body().contains("Vì sao tách") && !page.body().contains("Vì sao biết là một"));
    })
    .await;
}
