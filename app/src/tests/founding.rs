//! A new house: what `sotay init` makes, that it is made once, and that its first administrator can
//! fill every post, publish a document and make a shelf.

use crate::config::Config;
use crate::house::{self, Make};
use kernel::{Cap, Role};

#[tokio::test(flavor = "multi_thread")]
async fn a_new_house_has_one_person_who_can_do_what_it_needs() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = Config::from_text("", "test", |_| None).unwrap();
    config.dir = folder.path().to_path_buf();
    let house = house::open(&config, Make::New).await.unwrap();
    let site = &house.site;
    let made = account::init_administrator(site, "Vũ Văn Đầu", "Đảng bộ Mới").await;
    assert!(made.unwrap().unwrap().login.starts_with("dau"));
    let again = account::init_administrator(site, "Ai Khác", "Đảng bộ Khác").await;
    assert_eq!(again.unwrap(), None);
    let count = async |text: &'static str| db::sql(text).count(site.db.read()).await.unwrap();
    assert_eq!(count("select count(*) from people_unit").await, 1);
    assert_eq!(count("select count(*) from people_member").await, 1);
    let org = site.edge.org.read().unwrap().clone();
    assert_eq!(
        (org.name.as_str(), org.short_name.as_str()),
        ("Đảng bộ Mới", "Đảng bộ Mới")
    );
    let known = account::rescue::find(site, "Vũ Văn Đầu")
        .await
        .unwrap()
        .unwrap();
    let actor = people::actor::load(site, &known.member_id).await.unwrap();
    let today = site.clock.today();
    let units = people::known::living_units(site, today).await.unwrap();
    let root = people::unit::get_ref(site, &units[0].id).await.unwrap();
    for cap in [
        Cap::GrantGive,
        Cap::UnitDraft,
        Cap::RestructurePrepare,
        Cap::MemberDraft,
        Cap::ImportPrepare,
        Cap::ContentWrite,
        Cap::ContentPublish,
    ] {
        assert!(actor.allow(cap, &root, today), "{cap:?}");
    }
    assert!(actor.allow_instance(Cap::SystemConfigure, today));
    assert!(
        !actor.may_somewhere(Cap::AuditRead, today),
        "watching the log is for somebody else"
    );
    assert_eq!(people::post::givable(&actor, &root, today), Role::ALL);
    assert_eq!(people::check(site).await.unwrap(), []);
}
