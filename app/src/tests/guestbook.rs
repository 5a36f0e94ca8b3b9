//! A whole room, as `docs/adding-a-room.md` says: people sign a book. Every kind of contribution is here,
//! and each is tried through the place that asks it.
//!
//! Not a room of the program: no list outside of this file knows it.

use super::plan;
use axum::extract::State;
use axum::response::IntoResponse as _;
use db::sql;
use kernel::error::{Error, Refusal, Result};
use kernel::{Actor, Audience};
use site::import::{Entry, Made, Outcome, Report};
use site::room::importer::ImportPlace;
use site::room::{
    AgendaKind, ApprovalKind, Check, Demo, ExportPart, FieldChange, Find, Finding, Guard,
    ImportWish, Importer, MemberPart, NoticeKind, OfPerson, OfUnit, OwnList, Part, PersonFate,
    Room, TokenScope, UnitFate, UnitPart, agenda::Offer,
};
use site::{
    Act, Feed, FeedItem, Listener, May as _, Operator, Program, Proof, Right, Site, TodayNotice,
    TodayPart,
};
use std::sync::Arc;
use testkit::{HOA, LAN, THU, TUAN, TestApp, on_both};
use web::{Access, Answer, Form, Frame, Member, Place, Routes, see_other};

db::ids! {
    /// A line of the book.
    LineId;
}

const TABLE: &str = "create table guestbook_line (id text primary key, member_id text not null, \
    unit_id text not null, says text not null)";
const ADD: &str =
    "insert into guestbook_line (id, member_id, unit_id, says) values ($1, $2, $3, $4)";
const ALL: &str = "select id, member_id, unit_id, says from guestbook_line order by id";
const DROP: &str = "delete from guestbook_line where id = $1";

type Line = (String, String, String, String);

/// The proof of somebody who signs the book for their own cell.
#[derive(Debug, Clone)]
struct CanSign {
    right: Right,
    by: String,
    unit: String,
}

impl CanSign {
    fn of(actor: &Actor) -> Result<CanSign> {
        let home = actor.home.clone().ok_or(Error::NotFound)?;
        Ok(CanSign {
            unit: home.id.to_string(),
            right: Right::own(actor).in_unit(&home),
            by: actor.member.to_string(),
        })
    }
    fn operator() -> CanSign {
        CanSign {
            right: Operator::at("import guestbook").right().clone(),
            by: "hoa".to_owned(),
            unit: "cell-a".to_owned(),
        }
    }
}
impl Proof for CanSign {
    fn right(&self) -> &Right {
        &self.right
    }
}

async fn add(act: &mut Act<CanSign>, says: &str) -> Result<LineId> {
    let id = LineId::fresh(&act.site().clock, &act.site().dice);
    let (by, unit) = (act.may().by.clone(), act.may().unit.clone());
    sql(ADD)
        .bind(&id)
        .bind(by)
        .bind(unit)
        .bind(says)
        .run(act.on())
        .await?;
    act.changed("guestbook", &id);
    act.tell("guestbook.signed", &id);
    act.line().object("guestbook", &id);
    Ok(id)
}

async fn lines(site: &Site) -> Result<Vec<Line>> {
    sql(ALL).all(site.db.read()).await
}

/// On an agenda, a line is named to the cell of whoever wrote it.
fn is_of_ones_cell(who: &web::SignedIn, line: &Line) -> bool {
    let home = who.actor.home.as_ref();
    home.is_some_and(|home| home.id.as_str() == line.2)
}

fn offer(line: Line) -> Offer {
    Offer {
        to: format!("/guestbook#{}", line.0),
        id: line.0,
        label: line.3,
        meta: String::new(),
    }
}

#[derive(serde::Deserialize)]
struct Fields {
    says: String,
}

async fn page(State(site): State<Site>, _who: Member) -> Answer {
    let all: Vec<String> = lines(&site).await?.into_iter().map(|line| line.3).collect();
    Ok(all.join("\n").into_response())
}

async fn sign(State(site): State<Site>, frame: Frame, who: Member, form: Form<Fields>) -> Answer {
    let mut act = CanSign::of(&who.actor)?
        .begin(&site, &frame, "guestbook.sign")
        .await?;
    add(&mut act, &form.value.says).await?;
    let expires = act.now().plus_ms(86_400_000);
    let lan = "lan".parse().map_err(Error::fault)?;
    let told = notices::New::of(
        "guestbook.signed",
        "first",
        "guestbook-told",
        "/guestbook",
        expires,
    );
    act.notify(told.to([lan]));
    act.end().await?;
    Ok(see_other("/guestbook").into_response())
}

/// Whoever drafts for a cell asks that a line be struck; somebody above decides.
async fn ask_to_strike(
    State(site): State<Site>,
    axum::extract::Path(id): axum::extract::Path<String>,
    frame: Frame,
    who: Member,
) -> Answer {
    let unit = who.actor.home.clone().ok_or(Error::NotFound)?;
    let right = Right::of(&who.actor, kernel::Cap::MemberDraft, &unit, frame.today())?;
    let mut act = right.begin(&site, &frame, "guestbook.ask").await?;
    let sides = vec![approvals::Side {
        name: "one",
        unit: Some(unit.id.clone()),
    }];
    let change = site::four_eyes::Change {
        kind: "guestbook.strike",
        object_id: id.clone(),
        title: "Bỏ một lời".to_owned(),
        payload: serde_json::json!({ "line": id }),
        versions: vec![(id, 1)],
        sides,
    };
    let asked = site::four_eyes::prepare(&mut act, change).await?;
    act.end().await?;
    Ok(see_other(format!("/approvals/{asked}")).into_response())
}

/// A line that waits to be struck.
fn struck(payload: &serde_json::Value) -> String {
    payload["line"].as_str().unwrap_or_default().to_owned()
}

const STRIKE: ApprovalKind = ApprovalKind {
    is_later: false,
    kind: "guestbook.strike",
    text: "guestbook-find",
    decides: kernel::Cap::MemberApprove,
    show: |site, _, payload| {
        Box::pin(async move {
            let all = lines(&site).await?;
            let line = all.into_iter().find(|line| line.0 == struck(&payload));
            Ok(vec![FieldChange {
                label: "Lời".to_owned(),
                old: line.map(|line| line.3).unwrap_or_default(),
                new: String::new(),
            }])
        })
    },
    versions: |act, payload| {
        Box::pin(async move {
            let all: Vec<Line> = sql(ALL).all(act.on()).await?;
            let id = struck(payload);
            let here = all.iter().any(|line| line.0 == id);
            Ok(vec![(id, i64::from(here))])
        })
    },
    still: None,
    apply: |act, payload| {
        Box::pin(async move {
            sql(DROP).bind(struck(payload)).run(act.on()).await?;
            Ok(())
        })
    },
    again: |_| "/guestbook".to_owned(),
    about: |_| Vec::new(),
};

/// Its part of the API's description: one path.
fn description() -> utoipa::openapi::OpenApi {
    use utoipa::openapi::{HttpMethod, Info, OpenApi, Paths, path::OperationBuilder};
    let mut paths = Paths::new();
    let get = OperationBuilder::new().summary(Some("Lines of the book"));
    paths.add_path_operation("/api/v1/guestbook", vec![HttpMethod::Get], get.build());
    OpenApi::new(Info::new("", ""), paths)
}

async fn take(site: Site, wish: ImportWish) -> Result<Report> {
    let mut report = Report::default();
    for (nth, says) in std::fs::read_to_string(&wish.path)?.lines().enumerate() {
        let mut id = String::new();
        if !wish.dry_run {
            let mut act = CanSign::operator()
                .begin(&site, "import", "guestbook.import")
                .await?;
            id = add(&mut act, says).await?.to_string();
            let made = std::slice::from_ref(&id);
            site::import::note_made(&mut act, wish.run.as_deref(), "line", made).await?;
            act.end().await?;
        }
        report.entries.push(Entry {
            source: format!("book.txt:{}", nth + 1),
            outcome: Outcome::Added,
            id,
            kind: "line".to_owned(),
            message: String::new(),
            warnings: Vec::new(),
            ms: 0,
            changes: Vec::new(),
            choices: Vec::new(),
            answer: "",
            way_out: String::new(),
        });
    }
    Ok(report)
}

async fn take_back(site: Site, made: Vec<Made>) -> Result<Report> {
    let mut report = Report::default();
    for made in made {
        let mut act = CanSign::operator()
            .begin(&site, "undo", "guestbook.undo")
            .await?;
        sql(DROP).bind(&made.id).run(act.on()).await?;
        act.end().await?;
        let name = made.id.clone();
        let back = site::import::Back::Removed;
        report
            .entries
            .push(back.entry(&site, web::Lang::Vi, made, name));
    }
    Ok(report)
}

/// What the program does by itself: signs the book when it hears of something.
async fn note(site: &Site, says: &str) -> Result<()> {
    let mut act = Program::part("guestbook")
        .begin_unlogged(site, "job", "guestbook.note")
        .await?;
    let id = LineId::fresh(&site.clock, &site.dice);
    sql(ADD)
        .bind(&id)
        .bind("hoa")
        .bind("cell-a")
        .bind(says)
        .run(act.on())
        .await?;
    act.end().await.map(|_| ())
}

fn guestbook() -> Room {
    let mut room = Room::new(
        "guestbook",
        "guestbook-place = Sổ lưu niệm\nguestbook-find = Lời ghi\nguestbook-told = Có người ghi sổ lưu niệm\nguestbook-refused = Còn người đang ghi sổ.",
        "guestbook-place = Guest book\nguestbook-find = Line\nguestbook-told = Somebody signed\nguestbook-refused = Somebody is signing.",
    );
    room.routes = Routes::new()
        .get("/guestbook", Access::Member, page)
        .post("/guestbook", Access::Member, sign)
        .post("/guestbook/{id}/striking", Access::Member, ask_to_strike)
        .get("/api/v1/guestbook", Access::Token("guestbook"), page);
    room.statements = vec![ADD, ALL, DROP];
    room.places = vec![Place::tool("/guestbook", "book", "guestbook-place", 900)];
    room.scopes = vec![TokenScope {
        name: "guestbook",
        text: "guestbook-place",
    }];
    room.finds = vec![Find {
        kind: "guestbook",
        icon: "book",
        text: "guestbook-find",
        group: "guestbook",
        group_text: "guestbook-place",
        order: 900,
        is_for_members: false,
    }];
    room.feeds = vec![Feed {
        kind: "guestbook",
        finds: &["guestbook"],
        load: |site, ids| {
            Box::pin(async move {
                let all = lines(&site).await?;
                Ok(ids
                    .into_iter()
                    .map(|id| FeedItem {
                        entries: (all.iter().filter(|line| line.0 == id))
                            .map(|line| search::Entry {
                                id: line.0.clone(),
                                kind: search::Kind::of("guestbook"),
                                parent_id: None,
                                external_id: None,
                                title: line.3.clone(),
                                context: String::new(),
                                heading: String::new(),
                                body: line.3.clone(),
                                symbol: None,
                                url: "/guestbook".to_owned(),
                                audience: vec![Audience::Members.to_string()],
                                also: Vec::new(),
                                shown_on: None,
                                language: "vi".to_owned(),
                            })
                            .collect(),
                        subject_id: id,
                    })
                    .collect())
            })
        },
        list: |site, after, _| {
            Box::pin(async move {
                let ids = lines(&site).await?.into_iter().map(|line| line.0);
                Ok(ids.filter(|id| *id > after).collect())
            })
        },
        seen: |site, _, ids| {
            Box::pin(async move {
                let all = lines(&site).await?;
                Ok((ids.into_iter())
                    .filter(|id| all.iter().any(|line| line.0 == *id))
                    .collect())
            })
        },
    }];
    room.today = Some(Arc::new(|site, _, _| {
        Box::pin(async move {
            let notices = lines(&site).await?.into_iter().map(|line| TodayNotice {
                at: 0,
                margin: String::new(),
                title: format!("sổ: {}", line.3),
                meta: String::new(),
                to: "/guestbook".to_owned(),
            });
            Ok(TodayPart {
                notices: notices.take(1).collect(),
                ..TodayPart::default()
            })
        })
    }));
    room.importers = vec![Importer {
        name: "guestbook",
        help: "Lines of a guest book.",
        text: "guestbook-place",
        accept: ".txt",
        hint: "guestbook-find",
        table: None,
        example: None,
        warns: "",
        is_many: false,
        needs: &[kernel::Cap::UnitPublishedRead],
        fields: &[],
        at: "/guestbook/import",
        may: |_, who, _| {
            Box::pin(async move {
                CanSign::of(&who.actor)?;
                Ok(ImportPlace {
                    name: "Sổ".to_owned(),
                    back: "/guestbook".to_owned(),
                    unit: None,
                    set: Default::default(),
                })
            })
        },
        run: |site, wish, _| Box::pin(take(site, wish)),
        undo: Some(|site, _, made| Box::pin(take_back(site, made))),
        decides: None,
    }];
    room.handlers = vec![jobs::Handler::new("guestbook.greet", |site: Site, _| {
        Box::pin(async move { note(&site, "chào buổi sáng").await })
    })];
    room.schedules = vec![jobs::Schedule::new(
        "guestbook.greet",
        jobs::Every::Minutes(1),
        "guestbook.greet",
    )];
    room.listens = vec![Listener {
        kind: "meeting.called",
        name: "guestbook.meetings",
        hear: |site, event| {
            Box::pin(async move { note(&site, &format!("mời họp {}", event.subject)).await })
        },
    }];
    room.listens.push(Listener {
        kind: "meeting.closed",
        name: "guestbook.after",
        hear: |site, _| Box::pin(async move { note(&site, "họp xong").await }),
    });
    room.approvals = vec![STRIKE];
    room.openapi = Some(description());
    room.background = vec![Arc::new(|site, mut stop| {
        Box::pin(async move {
            note(&site, "mở sổ").await.unwrap();
            let _gone = stop.changed().await;
            note(&site, "khép sổ").await.unwrap();
        })
    })];
    room.guards = vec![Guard {
        act: "meeting.close",
        refuse: |site, _| {
            Box::pin(async move {
                let is_open = lines(&site).await?.iter().any(|line| line.3 == "đang ghi");
                if is_open {
                    return Err(Refusal::new("guestbook-refused").into());
                }
                Ok(())
            })
        },
    }];
    room.agenda = vec![AgendaKind {
        kind: "guestbook",
        icon: "book",
        text: "guestbook-find",
        offer: |site, who, _, _, _, _| {
            Box::pin(async move {
                let own = lines(&site).await?.into_iter();
                let own = own.filter(|line| is_of_ones_cell(&who, line));
                Ok(own.map(offer).collect())
            })
        },
        show: |site, who, _, ids| {
            Box::pin(async move {
                let own = lines(&site).await?.into_iter();
                let own = own.filter(|line| ids.contains(&line.0) && is_of_ones_cell(&who, line));
                Ok(own.map(offer).collect())
            })
        },
    }];
    room.notices = vec![NoticeKind {
        kind: "guestbook.signed",
        text: "guestbook-told",
    }];
    room.member_parts = vec![
        MemberPart {
            name: "guestbook",
            draw: Some(|site, _, who| {
                Box::pin(async move {
                    let own = lines(&site).await?.into_iter();
                    let own = own
                        .filter(|line| line.1 == who.actor.member.as_str())
                        .count();
                    let html = format!("<p id=\"guestbook-own\">{own}</p>");
                    Ok(Some(Part { order: 90, html }))
                })
            }),
            export: Some(|site, _, member| {
                Box::pin(async move {
                    let own = lines(&site).await?.into_iter();
                    let own: Vec<String> = (own.filter(|line| line.1 == member.as_str()))
                        .map(|line| line.3)
                        .collect();
                    Ok(ExportPart {
                        json: serde_json::json!(own),
                        lists: vec![OwnList {
                            heading: "Sổ lưu niệm".into(),
                            lines: own.into_iter().map(|line| (line, String::new())).collect(),
                        }],
                    })
                })
            }),
        },
        MemberPart {
            name: "broken",
            draw: Some(|_, _, _| Box::pin(async { Err(Error::fault("on purpose")) })),
            export: None,
        },
    ];
    room.unit_parts = vec![UnitPart {
        name: "guestbook",
        draw: |site, _, _, unit| {
            Box::pin(async move {
                let here = lines(&site).await?.into_iter();
                let here = here.filter(|line| line.2 == unit.id.as_str()).count();
                let html = format!("<p id=\"guestbook-here\">{here}</p>");
                Ok(Some(Part { order: 90, html }))
            })
        },
    }];
    room.of_person = vec![OfPerson {
        table: "guestbook_line",
        column: "member_id",
        fate: PersonFate::Own,
        text: "",
    }];
    room.of_unit = vec![OfUnit {
        table: "guestbook_line",
        column: "unit_id",
        fate: UnitFate::Stays,
    }];
    room.checks = vec![Check {
        name: "guest book",
        run: |site| {
            Box::pin(async move {
                let bad = lines(&site)
                    .await?
                    .into_iter()
                    .filter(|line| line.3.is_empty());
                Ok(bad
                    .map(|line| Finding {
                        what: kernel::said!("line {} is empty", line.0),
                        repair: kernel::said!("remove it"),
                    })
                    .collect())
            })
        },
    }];
    room.demo = Some(Demo {
        order: 900,
        make: |site, _| Box::pin(async move { note(&site, "lời của bản mẫu").await }),
    });
    room
}

/// The rooms of the program, this one, and the page of uploads made of all.
fn rooms() -> Vec<Room> {
    let mut rooms: Vec<Room> = (crate::wiring::rooms().into_iter())
        .filter(|room| room.name != "uploads")
        .collect();
    rooms.push(guestbook());
    let importers: Vec<Importer> = rooms
        .iter()
        .flat_map(|room| room.importers.clone())
        .collect();
    rooms.push(uploads::room(&importers));
    rooms
}

async fn begins(app: &TestApp) {
    app.site.db.maintain(TABLE.to_owned()).await.unwrap();
}

async fn says(app: &TestApp) -> Vec<String> {
    let all = lines(&app.site).await.unwrap().into_iter();
    all.map(|line| line.3).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn its_pages_menu_search_today_notices_and_parts_of_other_pages() {
    testkit::on_both_at("https://sotay.example", rooms, async |app| {
        begins(&app).await;
        let hoa = app.as_(HOA);
        hoa.post("/guestbook", &[("says", "Nhớ mãi ngày này")])
            .await
            .expects(303);
        assert_eq!(
            hoa.get("/guestbook").await.expects(200).body(),
            "Nhớ mãi ngày này"
        );
        app.stranger().get("/guestbook").await.expects(303);
        for (token, status) in [
            ("test-hoa:guestbook", 200),
            ("test-hoa:me", 403),
            ("none", 401),
        ] {
            let with = app
                .stranger()
                .header("authorization", &format!("Bearer {token}"));
            with.get("/api/v1/guestbook").await.expects(status);
        }
        let log =
            "select count(*) from audit_event where action = 'guestbook.sign' and actor_id = 'hoa'";
        assert_eq!(app.count(log).await, 1);
        let page = hoa.get("/today").await.expects(200);
        assert!(page.has("a[href='/guestbook']"), "its place in the menu");
        assert!(page.body().contains("sổ: Nhớ mãi"));
        app.catch_up().await;
        let found = hoa.get("/search?q=nho+mai").await.expects(200);
        assert!(found.has("main a[href='/guestbook']"), "{}", found.body());
        let lan = app.as_(LAN).get("/notices").await.expects(200);
        assert_eq!(lan.all("#notices a"), ["Có người ghi sổ lưu niệm"]);
        assert!(
            app.as_(LAN)
                .get("/notices/settings")
                .await
                .has("[value='push guestbook.signed']")
        );
        let me = hoa.get("/me").await.expects(200);
        assert_eq!(me.text("#guestbook-own"), "1");
        assert!(
            me.has("main .note[data-is=warn]"),
            "a part that fails is a sentence"
        );
        let mine = hoa.get("/me/record.json").await.expects(200).json();
        assert_eq!(mine["rooms"]["guestbook"][0], "Nhớ mãi ngày này");
        assert_eq!(
            hoa.get("/units/cell-a")
                .await
                .expects(200)
                .text("#guestbook-here"),
            "1"
        );
        let tokens = hoa.get("/me/tokens").await.expects(200);
        assert!(tokens.has("[value=guestbook]"), "its scope of tokens");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn its_importer_is_a_page_of_upload_that_can_be_taken_back() {
    on_both(rooms, async |app| {
        begins(&app).await;
        let tuan = app.as_(TUAN);
        let file = [("files", "book.txt", "một\nhai".as_bytes())];
        let to = tuan
            .post_files("/guestbook/import", &file)
            .await
            .expects(303)
            .location();
        app.works().await;
        assert!(
            !says(&app).await.contains(&"một".to_owned()),
            "only looked at"
        );
        tuan.post(&format!("{to}/application"), &[])
            .await
            .expects(303);
        app.works().await;
        assert!(says(&app).await.contains(&"hai".to_owned()));
        tuan.post(&format!("{to}/undo"), &[]).await.expects(303);
        app.works().await;
        assert!(!says(&app).await.contains(&"hai".to_owned()));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_works_by_itself_hears_of_meetings_stands_on_agendas_and_may_object() {
    on_both(rooms, async |app| {
        begins(&app).await;
        // A new schedule begins with its next moment.
        app.works().await;
        app.later(120_000);
        app.works().await;
        assert!(
            says(&app).await.contains(&"chào buổi sáng".to_owned()),
            "its schedule"
        );
        let line = lines(&app.site).await.unwrap().remove(0).0;
        let lan = app.as_(LAN);
        let word = format!("guestbook:{line}");
        let form = lan.get("/meetings/new?unit=cell-a").await.expects(200);
        assert!(
            form.attributes("input[name=paper]", "value")
                .contains(&word)
        );
        let fields = plan(&[("paper", &word), ("do", "call")]);
        let meeting = lan
            .post("/meetings/new", &fields)
            .await
            .expects(303)
            .location();
        lan.post(&meeting, &[]).await.expects(303);
        let meeting = meeting.replace("/calling", "");
        assert!(form.all("fieldset legend").contains(&"Lời ghi".to_owned()));
        let page = lan.get(&meeting).await.expects(200);
        assert!(page.has(&format!(".files a[href='/guestbook#{line}']")));
        let above = app.as_(THU).get(&meeting).await.expects(200);
        assert!(!above.body().contains(&line) && !above.body().contains("chào buổi sáng"));
        app.works().await;
        assert!(
            says(&app)
                .await
                .iter()
                .any(|line| line.starts_with("mời họp")),
            "it heard"
        );

        let evening = "2026-11-27".parse::<kernel::Day>().unwrap().at(19, 32);
        app.site.clock.set(evening);
        lan.post(&format!("{meeting}/opening"), &[])
            .await
            .expects(303);
        note(&app.site, "đang ghi").await.unwrap();
        let ends = [
            ("started", "19:32"),
            ("ended", "21:06"),
            ("rest", "unexcused"),
        ];
        app.later(94 * 60_000);
        let closing = format!("{meeting}/closing");
        let refused = lan.post(&closing, &ends).await.expects(409);
        assert!(refused.body().contains("Còn người đang ghi sổ."));
        app.sets("delete from guestbook_line where says = 'đang ghi'")
            .await;
        lan.post(&closing, &ends).await.expects(303);
        app.works().await;
        assert!(
            says(&app).await.contains(&"họp xong".to_owned()),
            "it heard"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_it_lets_a_second_person_decide_waits_and_is_done_once() {
    on_both(rooms, async |app| {
        begins(&app).await;
        note(&app.site, "lời thừa").await.unwrap();
        let line = lines(&app.site).await.unwrap().remove(0).0;
        let striking = format!("/guestbook/{line}/striking");
        app.as_(HOA).post(&striking, &[]).await.expects(404);
        let asked = app.as_(LAN).post(&striking, &[]).await.expects(303);
        let asked = asked.location();
        assert_eq!(says(&app).await, ["lời thừa"], "it waits");
        let thu = app.as_(THU);
        assert!(thu.get("/today").await.body().contains("Bỏ một lời"));
        let page = thu.get(&asked).await.expects(200);
        assert!(page.text("main").contains("lời thừa"), "what it would do");
        let hash = page.attributes("input[name=hash]", "value").remove(0);
        let yes = [("hash", hash.as_str()), ("answer", "approve")];
        let decision = format!("{asked}/decision");
        app.as_(LAN).post(&decision, &yes).await.expects(409);
        thu.post(&decision, &yes).await.expects(303);
        assert!(says(&app).await.is_empty(), "struck");
        // Pressed twice it is done once; another word comes too late.
        thu.post(&decision, &yes).await.expects(303);
        let no = [
            ("hash", hash.as_str()),
            ("answer", "refuse"),
            ("reason", "Khoan đã"),
        ];
        thu.post(&decision, &no).await.expects(409);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn its_work_beside_runs_while_the_program_serves_and_its_api_is_described() {
    on_both(rooms, async |app| {
        begins(&app).await;
        let (stop, stopped) = tokio::sync::watch::channel(false);
        let beside = crate::serve::beside(&app.site, Vec::new(), &stopped);
        for _ in 0..200 {
            if says(&app).await.contains(&"mở sổ".to_owned()) {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        }
        assert!(!says(&app).await.contains(&"khép sổ".to_owned()));
        stop.send(true).unwrap();
        crate::serve::end(beside).await;
        let all = says(&app).await;
        assert!(all.contains(&"mở sổ".to_owned()) && all.contains(&"khép sổ".to_owned()));
        let api = app.stranger().get("/api/v1/openapi.json").await;
        let path = &api.expects(200).json()["paths"]["/api/v1/guestbook"];
        assert_eq!(path["get"]["summary"], "Lines of the book");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_checked_claimed_and_prepared() {
    on_both(rooms, async |app| {
        begins(&app).await;
        app.prepares(&[ADD, ALL, DROP]).await;
        note(&app.site, "").await.unwrap();
        let mut alarms = Vec::new();
        let mut say = |is_good: bool, what: kernel::Said, _| {
            if !is_good {
                alarms.push(what.to_string());
            }
        };
        crate::commands::check::ask_rooms(&app.site, &mut say)
            .await
            .unwrap();
        assert!(
            alarms.contains(&"guest book: 1 alarms".to_owned()),
            "{alarms:?}"
        );
        assert!(alarms.iter().any(|what| what.ends_with("is empty")));
        let rooms = &app.site.rooms;
        let mut tx = app.site.db.begin().await.unwrap();
        let claims = rooms.of_person.clone();
        let found = site::import::count_of_person(&mut tx, &claims, "hoa")
            .await
            .unwrap();
        assert!(found.contains(&("guestbook_line", "member_id", 1)));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_takes_its_file_and_the_demo_has_its_step() {
    on_both(
        || vec![guestbook()],
        async |app| {
            use crate::commands::import;
            begins(&app).await;
            let file = app.folder.path().join("book.txt");
            std::fs::write(&file, "một\nhai").unwrap();
            let command = import::command(&app.site.rooms.importers[0]);
            let words = ["guestbook".as_ref(), file.as_os_str()];
            let given = command.try_get_matches_from(words).unwrap();
            let mut wanted = import::Import {
                name: "guestbook".to_owned(),
                path: given.get_one("path").cloned().unwrap(),
                set: Default::default(),
                dry_run: true,
                report: None,
            };
            for (dry_run, kept) in [(true, 0), (false, 2)] {
                wanted.dry_run = dry_run;
                let report = import::take(&app.site, &wanted, Box::new(site::import::Quiet)).await;
                assert_eq!(report.unwrap().count(Outcome::Added), 2);
                assert_eq!(says(&app).await.len(), kept);
            }
            crate::demo::rooms(&app.site, crate::commands::Scale::Small)
                .await
                .unwrap();
            assert!(says(&app).await.contains(&"lời của bản mẫu".to_owned()));
        },
    )
    .await;
}
