//! Giving one member an activation slip: the page to print is shown once, in this very answer.
//!
//! Earlier slips of the account end here; its password keeps working until the new slip is used. So
//! whoever has a slip or a password already is asked about first. Sending the same press again makes no
//! new code. Not here: slips of a whole unit (`unit_slips`), who may (`access`).

use super::{address_trouble, outside};
use crate::access::{self, Bars, CanIssue};
use crate::account::{self, Issued};
use crate::slip;
use askama::Template;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use kernel::error::Result;
use kernel::{Moment, Refusal};
use site::{May as _, Site};
use web::{Answer, Form, Frame, Member};

/// One slip as it is printed.
pub(crate) struct Sheet {
    pub(crate) unit_name: String,
    pub(crate) name: String,
    pub(crate) login: String,
    pub(crate) code: String,
    pub(crate) until: String,
    pub(crate) address: String,
    pub(crate) square: String,
    pub(crate) asks: String,
}

/// The page of one slip or many.
#[derive(Template)]
#[template(path = "account/slips.html")]
pub(crate) struct Page {
    pub(crate) frame: Frame,
    pub(crate) title: String,
    pub(crate) back: String,
    /// What is said of the address on them before they are printed; empty where it was set.
    pub(crate) trouble: String,
    pub(crate) sheets: Vec<Sheet>,
}

/// How many people are named whose earlier slips have ended.
const NAMED: usize = 5;

impl Page {
    /// Whose earlier slips have ended.
    fn whom(&self) -> String {
        let names: Vec<&str> = (self.sheets.iter())
            .map(|sheet| sheet.name.as_str())
            .collect();
        let (some, rest) = names.split_at(names.len().min(NAMED));
        let some = some.join(", ");
        match rest.len() {
            0 => some,
            n => self.frame.t2("account-slips-whom", "names", &some, "n", n),
        }
    }
}

/// What one press of the button brings.
#[derive(serde::Deserialize)]
pub(crate) struct Press {
    /// Names the press; empty: each sending is one of its own.
    #[serde(default)]
    pub(crate) once: String,
    /// Whether what ends was told.
    #[serde(default)]
    sure: String,
}

/// What ends with a new slip, asked before it is made.
#[derive(Template)]
#[template(path = "account/slip_ask.html")]
struct Ask {
    frame: Frame,
    member: String,
    name: String,
    has_slip: bool,
    has_password: bool,
    /// That the two could not agree to each other's changes any more; empty when they could.
    bars: Vec<String>,
    trouble: String,
}

/// What is said before a slip that bars the two from each other's changes: why, what waits, who could print it.
pub(crate) fn said(frame: &Frame, name: &str, bars: &Bars) -> Vec<String> {
    let mut all = Vec::new();
    if bars.days > 0 {
        let days = i64::from(bars.days);
        all.push(frame.t2("account-slip-bars", "name", name, "days", days));
    }
    if !bars.waiting.is_empty() {
        let titles = bars.waiting.join("; ");
        let key = match bars.days {
            0 => "account-slip-bars-waiting-first",
            _ => "account-slip-bars-waiting",
        };
        all.push(frame.t2(key, "name", name, "titles", &titles));
    }
    all.push(match bars.others.as_slice() {
        [] => frame.t("account-slip-bars-operator"),
        others => frame.t1("account-slip-bars-others", "names", &others.join(", ")),
    });
    all
}

/// The same press came twice.
pub(crate) fn printed_already(back: &str) -> kernel::Error {
    Refusal::new("account-slip-again")
        .way_out(back, "account-slip-back")
        .into()
}

/// Gives the slip and writes it down; `None` when this press gave it already.
pub(crate) async fn issue(
    site: &Site,
    frame: &Frame,
    may: CanIssue,
    once: &str,
) -> Result<Option<Issued>> {
    let mut act = may.begin(site, frame, "account.slip").await?;
    let person = act.person.clone();
    let account = account::ensure(&mut act, &person.id, &person.name, &person.external_id).await?;
    let once = match once.is_empty() {
        true => site.dice.uuid(act.now()),
        false => once.to_owned(),
    };
    let issued = account::issue_once(&mut act, &account, &once).await?;
    if issued.is_some() {
        act.end().await?;
    } // else dropped: what was done for the second sending is undone
    Ok(issued)
}

/// Draws an issued slip.
pub(crate) fn sheet(
    frame: &Frame,
    who: &Member,
    outside: &str,
    may: &CanIssue,
    issued: &Issued,
) -> Sheet {
    let url = format!("{outside}/activate/{}", issued.code);
    let bare = outside.split_once("://").map_or(outside, |(_, host)| host);
    let asks = [who.actor.name.as_str(), who.post.as_str()];
    let asks: Vec<&str> = asks.into_iter().filter(|text| !text.is_empty()).collect();
    // The last instant belongs to the fourteenth day; the end itself to the day after.
    let last_day = Moment(issued.expires_at.0 - 1).day();
    Sheet {
        unit_name: may.person.unit_name.clone(),
        name: may.person.name.clone(),
        login: issued.login.clone(),
        code: issued.grouped(),
        until: frame.t1("account-slip-until-day", "day", &last_day.vn()),
        address: format!("{bare}/activate"),
        square: slip::square(&url, &frame.t("account-slip-square")),
        asks: asks.join(", "),
    }
}

pub(crate) async fn post(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    headers: HeaderMap,
    Path(member): Path<String>,
    form: Form<Press>,
) -> Answer {
    let may = access::can_issue(&site, &who, &member).await?;
    let (has_slip, has_password) = (may.person.has_slip == 1, may.person.has_password == 1);
    let bars = access::bars(&site, &who, &may).await?;
    if form.value.sure.is_empty() && (has_slip || has_password || bars.is_some()) {
        return frame.html(&Ask {
            frame: frame.clone(),
            bars: bars.map_or_else(Vec::new, |bars| said(&frame, &may.person.name, &bars)),
            name: may.person.name,
            member,
            has_slip,
            has_password,
            trouble: address_trouble(&site, &frame, &headers),
        });
    }
    let back = format!("/members/{member}");
    let issued = issue(&site, &frame, may.clone(), &form.value.once).await?;
    let issued = issued.ok_or_else(|| printed_already(&back))?;
    frame.html(&Page {
        frame: frame.clone(),
        title: frame.t("account-slip-title"),
        back,
        trouble: address_trouble(&site, &frame, &headers),
        sheets: vec![sheet(
            &frame,
            &who,
            &outside(&site, &headers),
            &may,
            &issued,
        )],
    })
}

#[cfg(test)]
mod tests {
    use crate::stories::{Phone, slip_by, slip_for, with_doorman};
    use site::May as _;
    use testkit::{BINH, HOA, LAN, MINH, THU, TUAN, on_both, on_sqlite};

    #[tokio::test(flavor = "multi_thread")]
    async fn a_secretary_prints_a_slip_for_a_member_of_her_cell() {
        on_both(|| vec![crate::room()], async |app| {
            let reply = app.as_(LAN).header("host", "sotay.example").post("/members/hoa/slips", &[]).await.expects(200);
            assert_eq!(reply.text(".slip .who"), HOA.name);
            assert_eq!(reply.text(".slip .key").len(), 14);
            assert!(reply.text(".slip").contains("07/12/2026"), "{}", reply.text(".slip"));
            assert!(reply.text(".slip").contains("sotay.example/activate"));
            assert!(reply.text(".slip").contains(LAN.name), "who to ask");
            assert!(reply.has(".slip svg.qr[role=img]"));
            assert_eq!(reply.header("cache-control"), "no-store");
            assert_eq!(app.count("select count(*) from audit_event where action = 'account.slip' and about_member_id = 'hoa' and capability = 'member_draft'").await, 1);
            let code = reply.text(".slip .key").replace(' ', "");
            let stored: (String,) = db::sql("select code_hash from account_slip").one(app.site.db.read()).await.unwrap();
            assert!(!stored.0.contains(&code), "the code itself is kept nowhere");
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn for_a_member_with_a_post_the_office_above_does_it() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let reply = app
                    .as_(LAN)
                    .post("/members/minh/slips", &[])
                    .await
                    .expects(409);
                assert!(reply.has("a[href='/members/minh']"));
                app.as_(LAN)
                    .post("/members/lan/slips", &[])
                    .await
                    .expects(409);
                app.as_(THU)
                    .post("/members/minh/slips", &[])
                    .await
                    .expects(200);
                app.as_(THU)
                    .post("/members/lan/slips", &[])
                    .await
                    .expects(200);
                // Bình runs the installation: his posts stand above what Thu reaches.
                app.as_(THU)
                    .post("/members/binh/slips", &[])
                    .await
                    .expects(409);
                assert_eq!(app.count("select count(*) from account_account").await, 2);
            },
        )
        .await;
    }

    /// A post as the operator gives it.
    async fn post_for(app: &testkit::TestApp, member: &str, unit: &str, role: kernel::Role) {
        let mut act = site::Operator::at("test")
            .begin(&app.site, "test", "position.give")
            .await
            .unwrap();
        let (unit, member) = (unit.parse().unwrap(), member.parse().unwrap());
        let new = people::store::NewHolding::new(&unit, "Bí thư", role, 10, &member, app.today());
        people::giving::give(&mut act, &new).await.unwrap();
        act.end().await.unwrap();
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_slip_printed_before_a_post_does_not_lead_to_the_post() {
        on_both(
            || vec![crate::room(), people::room()],
            async |app| {
                let app = with_doorman(app).await;
                let issued = slip_for(&app, HOA).await; // by Lan, of the cell
                let phone = Phone::new(&app);
                let to = format!("/activate/{}", issued.code);
                phone.get(&to).await.expects(200);
                post_for(&app, "hoa", "cell-b", kernel::Role::CellLead).await;
                let reply = phone.get(&to).await.expects(410);
                assert!(reply.body().contains("Xin phiếu mới"));
                let password = [("password", "con mèo vàng ngủ trên mái bếp")];
                phone.posts_from(&to, &to, &password).await.expects(410);
                let used = "select count(*) from account_slip where used_at is not null";
                assert_eq!(app.count(used).await, 0);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_password_set_by_a_slip_from_below_ends_with_a_wide_post() {
        on_both(
            || vec![crate::room(), people::room()],
            async |app| {
                let app = with_doorman(app).await;
                let issued = slip_for(&app, HOA).await;
                let phone = Phone::new(&app);
                let to = format!("/activate/{}", issued.code);
                let password = [("password", "con mèo vàng ngủ trên mái bếp")];
                phone.posts_from(&to, &to, &password).await.expects(303);
                phone.get("/me/sessions").await.expects(200);
                post_for(&app, "hoa", "committee", kernel::Role::OrgOfficer).await;
                app.works().await;
                phone.get("/me/sessions").await.expects(303);
                let again = Phone::new(&app);
                let login = issued.login.as_str();
                let reply = again
                    .signs_in_as(login, "con mèo vàng ngủ trên mái bếp")
                    .await;
                assert_eq!(
                    reply.status.as_u16(),
                    422,
                    "a new slip from above begins anew"
                );
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_printed_slip_is_asked_about_first_and_a_reload_makes_no_new_code() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let lan = app.as_(LAN);
                let press = [("once", "PRESS1")];
                let first = lan.post("/members/hoa/slips", &press).await.expects(200);
                let code = first.text(".slip .key");
                let hash = "select code_hash from account_slip where revoked_at is null";
                let kept: (String,) = db::sql(hash).one(app.site.db.read()).await.unwrap();
                // The browser sends the same form again: she is asked, and nothing ends.
                let asked = lan.post("/members/hoa/slips", &press).await.expects(200);
                assert!(!asked.has(".slip") && !asked.body().contains(&code));
                assert!(asked.has("form [name=sure]"), "what ends is told first");
                // Even a press that was sure makes its code once.
                let sure = [("once", "PRESS2"), ("sure", "1")];
                lan.post("/members/hoa/slips", &sure).await.expects(200);
                let second: (String,) = db::sql(hash).one(app.site.db.read()).await.unwrap();
                assert_ne!(kept, second);
                lan.post("/members/hoa/slips", &sure).await.expects(409);
                let still: (String,) = db::sql(hash).one(app.site.db.read()).await.unwrap();
                assert_eq!(second, still, "the printed slip is the good one");
                assert_eq!(app.count("select count(*) from account_slip").await, 2);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_account_in_use_is_the_offices_and_its_owner_is_told() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let app = with_doorman(app).await;
                for who in [HOA, LAN, THU] {
                    crate::stories::good(&app, who, who.id).await;
                }
                let signed_in = async |who: testkit::Character| {
                    let phone = Phone::new(&app);
                    let password = crate::stories::password_of(who);
                    phone.signs_in_as(who.id, &password).await.expects(303);
                    phone
                };
                let (hoa, lan, thu) = (
                    signed_in(HOA).await,
                    signed_in(LAN).await,
                    signed_in(THU).await,
                );
                let told = lan
                    .posts_from("/me/sessions", "/members/hoa/slips", &[("sure", "1")])
                    .await
                    .expects(409);
                assert!(told.body().contains(THU.name), "who can is named");
                thu.posts_from("/me/sessions", "/members/hoa/slips", &[("sure", "1")])
                    .await
                    .expects(200);
                let notices = "select count(*) from notices_notice where member_id = 'hoa' \
                    and kind = 'account.slip' and importance = 'urgent'";
                assert_eq!(app.count(notices).await, 1);
                let page = hoa.get("/me/sessions").await.expects(200);
                assert!(page.text("#past").contains(THU.name));
                // Her own goes through her own settings.
                thu.posts_from("/me/sessions", "/members/thu/slips", &[("sure", "1")])
                    .await
                    .expects(409);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn whoever_gave_a_post_does_not_print_its_slip_when_somebody_else_can() {
        on_both(
            || vec![crate::room(), people::room()],
            async |app| {
                let give = [
                    ("member", "hoa"),
                    ("title", "Bí thư"),
                    ("role", "cell_lead"),
                    ("basis", "elected"),
                    ("from_on", "23/11/2026"),
                    ("beside", "beside"),
                ];
                app.as_(THU)
                    .post("/units/cell-a/positions/new", &give)
                    .await
                    .expects(303);
                app.as_(THU)
                    .post("/members/hoa/slips", &[])
                    .await
                    .expects(200);
                post_for(&app, "minh", "committee", kernel::Role::OrgOfficer).await;
                let reply = app
                    .as_(THU)
                    .post("/members/hoa/slips", &[])
                    .await
                    .expects(409);
                assert!(reply.body().contains("Trần Văn Minh"), "who can is named");
            },
        )
        .await;
    }

    /// A change that somebody else decides, and that does nothing.
    fn with_change() -> Vec<site::Room> {
        use site::room::ApprovalKind;
        let mut room = site::Room::new("try", "try = Việc thử", "try = A trial");
        room.approvals = vec![ApprovalKind {
            is_later: false,
            kind: "try.change",
            text: "try",
            decides: kernel::Cap::MemberApprove,
            show: |_, _, _| Box::pin(async { Ok(Vec::new()) }),
            versions: |_, _| Box::pin(async { Ok(Vec::new()) }),
            still: None,
            apply: |_, _| Box::pin(async { Ok(()) }),
            again: |_| "/".into(),
            about: |_| Vec::new(),
        }];
        vec![crate::room(), people::room(), room]
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_slip_that_bars_the_second_person_says_so_before_it_is_made() {
        use site::four_eyes::{Change, prepare};
        on_both(with_change, async |app| {
            post_for(&app, "minh", "committee", kernel::Role::CommitteeLead).await;
            post_for(&app, "tuan", "bloc", kernel::Role::OrgOfficer).await;
            let slips = "/members/minh/slips";
            // Nothing waits and nobody was let in: one press.
            let first = app.as_(THU).post(slips, &[]).await.expects(200);
            assert!(first.has(".slip"));
            let thu = crate::access::Owner::of(&app.signed_in(THU));
            let mut act = thu.begin(&app.site, "test", "try.prepare").await.unwrap();
            let change = Change {
                kind: "try.change",
                object_id: "one".into(),
                title: "Kết nạp bà Sáu".into(),
                payload: serde_json::json!({}),
                versions: Vec::new(),
                sides: vec![approvals::Side {
                    name: "one",
                    unit: Some("cell-a".parse().unwrap()),
                }],
            };
            prepare(&mut act, change).await.unwrap();
            act.end().await.unwrap();
            let asked = app.as_(THU).post(slips, &[]).await.expects(200);
            let said = asked.text("#bars");
            for words in ["Kết nạp bà Sáu", MINH.name, "chuẩn bị lại", TUAN.name] {
                assert!(said.contains(words), "{words} is not in {said}");
            }
            assert!(!asked.has(".slip"), "said before it is made");
            let list = app.as_(THU).get("/units/cell-a/slips").await.expects(200);
            assert!(list.text("#f-who").contains("Kết nạp bà Sáu"));
            // From the first password on it is a slip in the place of one: for ninety days they are not two.
            app.sets("update account_account set password_set_at = 1")
                .await;
            let asked = app.as_(THU).post(slips, &[]).await.expects(200);
            let said = asked.text("#bars");
            assert!(said.contains("90 ngày"), "{said}");
            // A plain member decides nothing: nothing is said.
            let of_hoa = "/members/hoa/slips";
            app.as_(LAN).post(of_hoa, &[]).await.expects(200);
            let asked = app.as_(LAN).post(of_hoa, &[]).await.expects(200);
            assert!(asked.has("form [name=sure]") && !asked.has("#bars"));
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn whoever_was_let_in_anew_by_the_preparer_does_not_agree_for_the_other_side() {
        use approvals::Decision;
        use site::four_eyes::{Change, Outcome, decide, prepare, see};
        on_both(with_change, async |app| {
            let app = with_doorman(app).await;
            post_for(&app, "minh", "committee", kernel::Role::CommitteeLead).await;
            post_for(&app, "tuan", "bloc", kernel::Role::OrgOfficer).await;
            let opens = async |by: Option<testkit::Character>| {
                let issued = slip_by(&app, by, MINH).await;
                let (phone, to) = (Phone::new(&app), format!("/activate/{}", issued.code));
                phone.get(&to).await.expects(200);
                let password = [("password", "con mèo vàng ngủ trên mái bếp")];
                phone.posts_from(&to, &to, &password).await.expects(303);
                app.later(60_000);
            };
            let prepares = async |object: &str| {
                let tuan = crate::access::Owner::of(&app.signed_in(TUAN));
                let mut act = tuan.begin(&app.site, "test", "try.prepare").await.unwrap();
                let change = Change {
                    kind: "try.change",
                    object_id: object.into(),
                    title: object.into(),
                    payload: serde_json::json!({}),
                    versions: Vec::new(),
                    sides: vec![approvals::Side {
                        name: "one",
                        unit: Some("cell-a".parse().unwrap()),
                    }],
                };
                let id = prepare(&mut act, change).await.unwrap();
                act.end().await.unwrap();
                id
            };
            let minh = people::actor::load(&app.site, &"minh".parse().unwrap()).await;
            let minh = minh.unwrap();
            let says = async |id: &approvals::ApprovalId, word| {
                let seen = see(&app.site, &minh, id).await.unwrap();
                let (bar, hash) = (seen.bar.is_some(), seen.approval.payload_hash);
                let done = decide(&app.site, "test", &minh, id, &hash, word, "vì thế").await;
                assert_eq!(bar && word == Decision::Approved, done.is_err(), "{done:?}");
                done.ok()
            };
            let could = async |id: &approvals::ApprovalId| {
                let approval = approvals::find(&app.site.db, id).await.unwrap().unwrap();
                let steps = approvals::list_steps(&app.site.db, id).await.unwrap();
                site::four_eyes::who_may(&app.site, &approval, &steps).await.unwrap()
            };
            // A first slip from before says nothing: in a new house one person lets everybody in.
            opens(Some(TUAN)).await;
            let one = prepares("one").await;
            assert_eq!(says(&one, Decision::Approved).await, Some(Outcome::Applied));
            // A later one may be in other hands than the first was.
            let two = prepares("two").await;
            opens(Some(TUAN)).await;
            assert_eq!(says(&two, Decision::Approved).await, None);
            assert_eq!(says(&two, Decision::Refused).await, Some(Outcome::Refused));
            // Somebody else's slip makes them two again.
            let three = prepares("three").await;
            opens(None).await;
            let done = says(&three, Decision::Approved).await;
            assert_eq!(done, Some(Outcome::Applied));
            // A password that no slip gave is one as well: whoever let its owner in anew is not two with them.
            let set = "update account_slip set used_at = null, anew = 0, revoked_at = 1 where used_at is not null";
            let mut act = app.act().await;
            db::sql(set).run(act.on()).await.unwrap();
            act.end().await.unwrap();
            opens(Some(TUAN)).await;
            let four = prepares("four").await;
            assert_eq!(says(&four, Decision::Approved).await, None);
            // Nor is who lets the preparer in anew, nor two whom one person let in anew.
            let _printed = slip_by(&app, None, TUAN).await;
            let _printed = slip_by(&app, None, LAN).await;
            let now = app.site.clock.now().0;
            // Who let in whom anew, and how long ago: given one minute before it was used.
            let anew = |who: &str, by: &str, ago: i64| {
                format!("update account_slip set anew = 1, used_at = {used}, issued_at = {used} - 60000, revoked_at = null, \
                    issued_by = '{by}' where account_id = (select id from account_account where member_id = '{who}')", used = now - ago)
            };
            let (hour, day) = (3_600_000, 86_400_000);
            for (tuan, minh, lan, may) in [
                // Nor is who lets the preparer in anew, nor two whom one person let in anew.
                (("minh", hour), ("", hour), ("", hour), false),
                (("thu", hour), ("thu", hour), ("", hour), false),
                (("thu", hour), ("lan", hour), ("", hour), true),
                // Nor who let in the one who let them in, from whichever side.
                (("", hour), ("lan", hour), ("tuan", 2 * hour), false),
                (("lan", hour), ("", hour), ("minh", 2 * hour), false),
                (("thu", hour), ("lan", hour), ("thu", 2 * hour), false),
                // What was done with a giver's account later does not come from there.
                (("", hour), ("lan", 2 * hour), ("tuan", hour), true),
                // After the days of the rule it is forgotten.
                (("minh", 91 * day), ("", hour), ("", hour), true),
                (("minh", 89 * day), ("", hour), ("", hour), false),
                // Where nobody else is free to agree it is forgotten after a monthly meeting; where Thu is, it is not.
                (("thu", 31 * day), ("thu", 31 * day), ("", hour), true),
                (("thu", 29 * day), ("thu", 29 * day), ("", hour), false),
                (("minh", 31 * day), ("", hour), ("", hour), false),
            ] {
                let mut act = app.act().await;
                for (who, (by, ago)) in [("tuan", tuan), ("minh", minh), ("lan", lan)] {
                    db::sql_built(anew(who, by, ago)).run(act.on()).await.unwrap();
                }
                act.end().await.unwrap();
                let id = prepares(&format!("{tuan:?} {minh:?} {lan:?}")).await;
                let could = could(&id).await;
                assert_eq!(could.names.contains(&MINH.name.to_owned()), may, "{tuan:?} {minh:?} {lan:?}: {could:?}");
                assert_eq!(says(&id, Decision::Approved).await.is_some(), may, "{tuan:?} {minh:?} {lan:?}");
            }
            let doubt = "select count(*) from audit_event where action = 'approval.approve' and diff_json like '%\"doubt\":\"account-%'";
            assert_eq!(app.count(doubt).await, 1, "the log says that nobody else was free");
            // Two who let each other in by turns, however often, hide nobody who stands behind them.
            let more = |who: &str, by: &str, ago: i64| {
                format!("insert into account_slip (id, account_id, code_hash, issued_by, issued_at, expires_at, used_at, anew) \
                    select 'more-{who}-{ago}', a.id, 'more-{who}-{ago}', '{by}', {used} - 60000, {used} + {day}, {used}, 1 \
                    from account_account a where a.member_id = '{who}'", used = now - ago)
            };
            let mut act = app.act().await;
            for statement in [
                anew("tuan", "thu", hour),
                anew("minh", "lan", hour),
                anew("lan", "minh", 2 * hour),
                more("minh", "lan", 3 * hour),
                more("lan", "minh", 4 * hour),
                more("minh", "thu", 5 * hour),
            ] {
                db::sql_built(statement).run(act.on()).await.unwrap();
            }
            act.end().await.unwrap();
            let five = prepares("five").await;
            assert_eq!(says(&five, Decision::Approved).await, None);
            // Whom somebody let in for the first time does not let others in anew for them.
            let mut act = app.act().await;
            for statement in [
                "update account_slip set used_at = null where id like 'more-%'".to_owned(),
                anew("tuan", "", hour),
                anew("minh", "lan", hour),
                anew("lan", "tuan", 2 * hour),
                "update account_slip set anew = 0 where account_id = (select id from account_account where member_id = 'lan')".to_owned(),
            ] {
                db::sql_built(statement).run(act.on()).await.unwrap();
            }
            act.end().await.unwrap();
            let laundered = prepares("laundered").await;
            assert_eq!(says(&laundered, Decision::Approved).await, None);
            // Let in for the first time while it waited: prepared once more it can be agreed to.
            let six = prepares("six").await;
            app.later(1_000);
            let first = "update account_slip set anew = 0, issued_by = 'tuan', used_at = (select max(prepared_at) from approvals_approval) \
                where account_id = (select id from account_account where member_id = 'minh')";
            let others = "update account_slip set used_at = null where account_id <> (select id from account_account where member_id = 'minh')";
            let mut act = app.act().await;
            for statement in [first, others] {
                db::sql(statement).run(act.on()).await.unwrap();
            }
            act.end().await.unwrap();
            let bar = see(&app.site, &minh, &six).await.unwrap().bar.unwrap();
            assert_eq!(bar.key, "account-refused-agree-late");
            // A password that the operator set counts as the operator's slip.
            let known = crate::rescue::find(&app.site, "minh").await;
            let known = match known.unwrap() {
                Ok(known) => known,
                Err(_) => crate::rescue::find(&app.site, MINH.name).await.unwrap().unwrap(),
            };
            let anew = "update account_slip set anew = 1, issued_by = 'tuan' where used_at is not null";
            let mut act = app.act().await;
            db::sql(anew).run(act.on()).await.unwrap();
            act.end().await.unwrap();
            let eight = prepares("eight").await;
            assert_eq!(says(&eight, Decision::Approved).await, None);
            app.later(1_000);
            let set = crate::rescue::password(&app.site, &site::Operator::at("password"), &known, "ba con mèo ngủ trên mái").await;
            assert!(set.unwrap().is_ok());
            assert_eq!(says(&eight, Decision::Approved).await, Some(Outcome::Applied));
            let seven = prepares("seven").await;
            let done = says(&seven, Decision::Approved).await;
            assert_eq!(done, Some(Outcome::Applied));
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn whoever_has_no_such_right_finds_nothing() {
        on_both(
            || vec![crate::room()],
            async |app| {
                for who in [MINH, HOA, TUAN, BINH] {
                    app.as_(who)
                        .post("/members/hoa/slips", &[])
                        .await
                        .expects(404);
                }
                app.as_(LAN)
                    .post("/members/tuan/slips", &[])
                    .await
                    .expects(404);
                app.as_(LAN)
                    .post("/members/nobody/slips", &[])
                    .await
                    .expects(404);
                app.as_(LAN)
                    .post("/members/x%2Fy/slips", &[])
                    .await
                    .expects(404);
                assert_eq!(
                    app.stranger()
                        .post("/members/hoa/slips", &[])
                        .await
                        .expects(303)
                        .location(),
                    "/sign-in?next=%2Fmembers%2Fhoa%2Fslips"
                );
                assert_eq!(app.count("select count(*) from account_slip").await, 0);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_forged_form_gives_no_slip() {
        on_sqlite(
            || vec![crate::room()],
            async |app| {
                app.as_(LAN)
                    .post_forged("/members/hoa/slips", &[])
                    .await
                    .expects(403);
            },
        )
        .await;
    }
}
