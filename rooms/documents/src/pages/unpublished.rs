//! What is not out, for those who see it: drafts and what was withdrawn. The first lines stand above the list of
//! documents, all of them at `/documents?state=draft` and `?state=withdrawn`.
//!
//! Search and filters find none of these, so without this only the address would.

use crate::store::{self, Unpublished};
use askama::Template;
use kernel::error::{Error, Result};
use site::Site;
use web::paging::Paging;
use web::{Answer, Frame, SignedIn, Visitor};

/// Lines above the list of documents; the rest has a page.
const AHEAD: i64 = 3;
/// Lines of that page.
const SIZE: i64 = 20;

/// Which, its word in addresses, its heading.
type Kind = (Unpublished, &'static str, &'static str);

const KINDS: &[Kind] = &[
    (Unpublished::Draft, "draft", "documents-list-drafts"),
    (
        Unpublished::Withdrawn,
        "withdrawn",
        "documents-list-withdrawn",
    ),
];

/// One kind of what is not out, as this member sees it.
pub(crate) struct Group {
    pub(crate) name: &'static str,
    pub(crate) title: String,
    pub(crate) rows: Vec<Row>,
    /// The words that lead to all of it; empty when all stands here.
    pub(crate) more: String,
    total: i64,
}

/// A line of it.
pub(crate) struct Row {
    pub(crate) url: String,
    pub(crate) number: String,
    pub(crate) title: String,
    pub(crate) meta: String,
}

#[derive(Template)]
#[template(path = "documents/unpublished.html")]
struct Page {
    frame: Frame,
    group: Group,
    paging: Paging,
}

/// The first lines of what is not out; kinds of which there is nothing are left out.
pub(crate) async fn groups(site: &Site, frame: &Frame, who: &SignedIn) -> Result<Vec<Group>> {
    let mut out = Vec::new();
    for kind in KINDS {
        let group = group(site, frame, who, kind, (AHEAD, 0)).await?;
        out.extend(Some(group).filter(|group| !group.rows.is_empty()));
    }
    Ok(out)
}

async fn group(
    site: &Site,
    frame: &Frame,
    who: &SignedIn,
    (which, name, title): &Kind,
    (size, from): (i64, i64),
) -> Result<Group> {
    let today = site.clock.today();
    let (rows, total) =
        store::list_unpublished(site, &who.actor, today, *which, size, from).await?;
    let rows = rows.into_iter().map(|row| {
        let day = kernel::Moment(row.changed_at).day().vn();
        Row {
            url: format!("/documents/{}", row.id),
            meta: if row.writer.is_empty() {
                frame.t1("documents-list-changed", "day", &day)
            } else {
                frame.t2("documents-list-changed-by", "who", &row.writer, "day", &day)
            },
            number: row.symbol,
            title: row.title,
        }
    });
    Ok(Group {
        name,
        title: frame.t(title),
        rows: rows.collect(),
        more: if total > size {
            frame.t1("documents-list-all-of", "n", total)
        } else {
            String::new()
        },
        total,
    })
}

/// All of one kind. Whoever sees none of it finds nothing at this address.
pub(crate) async fn get(
    site: &Site,
    frame: Frame,
    visitor: &Visitor,
    state: &str,
    page: &str,
) -> Answer {
    let kind = KINDS.iter().find(|(_, name, _)| *name == state);
    let kind = kind.ok_or(Error::NotFound)?;
    let who = visitor.signed_in.as_deref().ok_or(Error::SignInFirst)?;
    let page = page.parse().unwrap_or(1).clamp(1, 100_000);
    let group = group(site, &frame, who, kind, (SIZE, (page - 1) * SIZE)).await?;
    if group.total == 0 {
        return Err(Error::NotFound.into());
    }
    let paging = Paging::new(page, SIZE, group.total, format!("/documents?state={state}"));
    frame.html(&Page {
        group,
        paging,
        frame: frame.clone(),
    })
}

#[cfg(test)]
mod tests {
    use axum::extract::State;
    use testkit::{HOA, LAN, MINH, THU, on_both};
    use web::{Access, Frame, Member};

    /// What Hôm nay asks of this member.
    async fn probe(State(site): State<site::Site>, frame: Frame, who: Member) -> String {
        let part = crate::today::part(site, frame, who.0).await.unwrap();
        part.tasks
            .into_iter()
            .map(|task| task.title + &task.how)
            .collect()
    }

    fn with_probe() -> site::Room {
        let mut room = crate::room();
        room.routes = room.routes.get("/probe", Access::Member, probe);
        room
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_draft_stands_in_the_list_of_its_writer_and_of_who_may_publish_it() {
        on_both(
            || vec![with_probe(), people::room()],
            async |app| {
                let mut last = String::new();
                for number in 1..=4 {
                    let symbol = format!("{number}-NQ/CB");
                    let fields = [
                        ("symbol", symbol.as_str()),
                        ("title", "về việc nước ngõ 12"),
                        ("unit", "committee"),
                        ("audience", "members"),
                        ("text", "Điều 1. Mục tiêu"),
                        ("do", "draft"),
                    ];
                    app.later(1000);
                    let saved = app.as_(THU).post("/documents/new", &fields).await;
                    last = saved.expects(303).location();
                }
                let asked = app.as_(THU).get("/probe").await.expects(200).body();
                assert!(asked.is_empty(), "one's own is no task: {asked}");
                app.sets("update documents_document set created_by = 'minh'")
                    .await;
                for who in [MINH, THU] {
                    let page = app.as_(who).get("/documents").await.expects(200);
                    assert!(page.text("main").contains("Chưa công bố văn bản nào"));
                    assert_eq!(page.text("#draft h2"), "Bản nháp");
                    let rows = page.all("#draft li");
                    assert_eq!(rows.len(), 3, "the last changed first: {rows:?}");
                    assert!(rows[0].contains("4-NQ/CB") && rows[0].contains("Trần Văn Minh"));
                    assert_eq!(page.attributes("#draft li a", "href")[0], last);
                    assert!(page.text("#draft").contains("Xem cả 4"));
                    let all = app
                        .as_(who)
                        .get("/documents?state=draft")
                        .await
                        .expects(200);
                    assert_eq!(all.all("#draft li").len(), 4);
                }
                // Nobody else: no member, not who publishes elsewhere, no passer-by.
                for who in [HOA, LAN] {
                    let page = app.as_(who).get("/documents").await.expects(200);
                    assert!(!page.has("#draft") && !page.body().contains("ngõ 12"));
                    app.as_(who)
                        .get("/documents?state=draft")
                        .await
                        .expects(404);
                }
                app.as_(THU).get("/documents?state=lost").await.expects(404);
                let mut elsewhere = app.signed_in(THU).actor.as_ref().clone();
                for grant in &mut elsewhere.grants {
                    let path = testkit::path_of("other");
                    let unit = kernel::UnitRef {
                        id: "other".parse().unwrap(),
                        path,
                    };
                    grant.scope = kernel::GrantScope::Subtree(unit);
                }
                let draft = crate::store::Unpublished::Draft;
                let found =
                    crate::store::list_unpublished(&app.site, &elsewhere, app.today(), draft, 9, 0)
                        .await;
                assert_eq!(found.unwrap().1, 0, "who publishes for another unit");
                let stranger = app.stranger().get("/documents?state=draft").await;
                assert_ne!(stranger.status.as_u16(), 200);

                // Who may publish it has it on Hôm nay, its writer not.
                for who in [THU, MINH, LAN, HOA] {
                    let asked = app.as_(who).get("/probe").await.expects(200).body();
                    assert_eq!(asked.matches("4-NQ/CB").count(), 0, "the oldest first");
                    let expected = if who.id == THU.id { 3 } else { 0 };
                    assert_eq!(
                        asked.matches("Trần Văn Minh soạn").count(),
                        expected,
                        "{asked}"
                    );
                }
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_was_withdrawn_is_found_again_by_who_withdrew_it() {
        on_both(
            || vec![crate::room(), people::room()],
            async |app| {
                let fields = [
                    ("symbol", "21-NQ/ĐU"),
                    ("title", "về nâng chất lượng sinh hoạt"),
                    ("unit", "committee"),
                    ("audience", "members"),
                    ("text", "Điều 1. Mục tiêu"),
                    ("do", "publish"),
                ];
                let at = app
                    .as_(THU)
                    .post("/documents/new", &fields)
                    .await
                    .expects(303)
                    .location();
                let page = app.as_(THU).get("/documents").await.expects(200);
                assert!(!page.has("#draft") && !page.has("#withdrawn"));
                let form = app
                    .as_(THU)
                    .get(&format!("{at}/withdrawal"))
                    .await
                    .expects(200);
                let seen = form
                    .attributes("input[name=row_version]", "value")
                    .remove(0);
                let done = app
                    .as_(THU)
                    .post_and_follow(&format!("{at}/withdrawal"), &[("row_version", &seen)])
                    .await
                    .expects(200);
                assert_eq!(done.text("#withdrawn h2"), "Đã rút");
                assert_eq!(done.attributes("#withdrawn li a", "href"), [at.as_str()]);
                assert!(!done.has("#draft"));
                let shown = app.as_(THU).get(&at).await.expects(200);
                assert!(shown.text("main").contains("Văn bản này đã được rút."));
                let page = app.as_(HOA).get("/documents").await.expects(200);
                assert!(!page.has("#withdrawn"));
                // Out again it is in the list of all, and in none of these.
                app.as_(THU)
                    .press(&at, &format!("{at}/publication"))
                    .await
                    .expects(303);
                let page = app.as_(THU).get("/documents").await.expects(200);
                assert!(!page.has("#withdrawn") && !page.has("#draft"));
            },
        )
        .await;
    }
}
