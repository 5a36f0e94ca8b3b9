//! Who may what: the matrix of the program, post by post and right by right. Changed only in code.
//!
//! Not here: who holds which post (people).

use crate::access;
use askama::Template;
use kernel::cap::Reach;
use kernel::{Cap, Role};
use web::{Answer, Frame, Member};

#[derive(Template)]
#[template(path = "admin/permissions.html")]
struct Page {
    frame: Frame,
    rights: Vec<Right>,
    posts: Vec<Post>,
    /// Whether this visitor reads who holds which right.
    reviews: bool,
}

/// A right and the posts that bring it.
struct Right {
    name: &'static str,
    what: String,
    posts: String,
    /// Whether a holder may lend it for a time.
    may_be_lent: bool,
}

/// A post, how far it reaches, and what it brings.
struct Post {
    name: String,
    /// What it is for, as whoever gives it reads.
    what: String,
    reach: String,
    rights: Vec<String>,
}

pub(crate) async fn get(frame: Frame, who: Member) -> Answer {
    access::need(access::doors(&who.actor, frame.today()).permissions)?;
    let posts = Role::ALL.iter().map(|role| Post {
        name: frame.t(people::roles::name(*role)),
        what: frame.t(people::roles::what(*role)),
        reach: frame.t(match role.reach() {
            Reach::Unit => "admin-reach-unit",
            Reach::Subtree => "admin-reach-subtree",
            Reach::Instance => "admin-reach-instance",
        }),
        rights: role
            .cap_list()
            .iter()
            .map(|cap| frame.t(people::roles::cap(*cap)))
            .collect(),
    });
    let rights = Cap::ALL.iter().map(|cap| Right {
        name: cap.name(),
        what: frame.t(people::roles::cap(*cap)),
        posts: holders(&frame, *cap),
        may_be_lent: cap.may_be_lent(),
    });
    frame.html(&Page {
        posts: posts.collect(),
        rights: rights.collect(),
        reviews: who.actor.may_somewhere(Cap::GrantReview, frame.today()),
        frame: frame.clone(),
    })
}

fn holders(frame: &Frame, cap: Cap) -> String {
    let holding = Role::ALL.iter().filter(|role| role.caps().has(cap));
    holding
        .map(|role| frame.t(people::roles::name(*role)))
        .collect::<Vec<_>>()
        .join(", ")
}

#[cfg(test)]
mod tests {
    use crate::kit::{HUE, SON, with_more_people};
    use kernel::{Cap, Role};
    use testkit::{BINH, LAN, on_sqlite};
    use web::Routes;

    #[tokio::test(flavor = "multi_thread")]
    async fn the_matrix_shows_every_right_and_every_post() {
        on_sqlite(
            || vec![crate::room(), people::room()],
            async |app| {
                let app = with_more_people(app, Routes::new());
                for who in [BINH, HUE] {
                    let page = app.as_(who).get("/admin/permissions").await.expects(200);
                    assert_eq!(page.all("#rights tbody tr").len(), Cap::ALL.len());
                    assert_eq!(page.all("#posts > li").len(), Role::ALL.len());
                    assert!(!page.body().contains('⟦'));
                    let signs = page.text("#right-minutes_sign");
                    assert!(
                        signs.contains("Lãnh đạo chi bộ") && signs.contains("không ủy quyền được")
                    );
                    assert!(!page.text("#right-attendance_mark").contains("ủy quyền"));
                    assert_eq!(page.has("a[href='/rights']"), who.id == HUE.id);
                }
                for who in [SON, LAN] {
                    app.as_(who).get("/admin/permissions").await.expects(404);
                }
            },
        )
        .await;
    }
}
