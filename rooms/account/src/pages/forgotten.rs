//! What to do when the password is gone: whom to ask, by their posts. Names and telephones of people
//! stand on no page that strangers read.
//!
//! Not here: giving the slip (`slip_new`). Nothing is sent from here: there is no mail that proves anybody.

use askama::Template;
use web::{Answer, Frame};

#[derive(Template)]
#[template(path = "account/forgotten.html")]
struct Page {
    frame: Frame,
}

pub(crate) async fn get(frame: Frame) -> Answer {
    frame.html(&Page {
        frame: frame.clone(),
    })
}

#[cfg(test)]
mod tests {
    #[tokio::test(flavor = "multi_thread")]
    async fn a_stranger_reads_whom_to_ask_and_nobodys_name() {
        testkit::on_sqlite(
            || vec![crate::room()],
            async |app| {
                let door = app.stranger().get("/sign-in").await.expects(200);
                assert!(door.has("a[href='/sign-in/forgotten']"));
                let page = app.stranger().get("/sign-in/forgotten").await.expects(200);
                assert!(page.body().contains("cán bộ tổ chức"));
                for who in testkit::ALL.iter().copied() {
                    assert!(!page.body().contains(who.name), "{}", who.name);
                }
                assert!(page.has("a[href='/activate']") && page.has("a[href='/sign-in']"));
            },
        )
        .await;
    }
}
