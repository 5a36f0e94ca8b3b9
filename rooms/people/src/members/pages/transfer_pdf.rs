//! The letter of introduction as a paper to sign, with two slips to cut off: one for the new unit, one that comes back.
//!
//! Only for the side that sends, while it waits and once it was taken up. The number is a gap to write in where none
//! was typed. Always Vietnamese, since papers are.

use crate::members::moving::{self, State as Stands};
use crate::{member, unit};
use axum::extract::{Path, State};
use kernel::error::{Error, Result};
use print::{Block, Capacity, Dated, Issuer, Layout, Official, Signature, Title};
use site::Site;
use web::text::Arg;
use web::{Answer, Lang, Member};

/// Left for the name of the town, which the handbook does not know.
const BLANK_PLACE: &str = "……………";
/// Left for what is written in by hand.
const BLANK: &str = "………………………………";

fn vi(site: &Site, key: &str, args: &[(&str, Arg<'_>)]) -> String {
    site.edge.texts.with(Lang::Vi, key, args)
}

async fn paper(site: &Site, seen: &moving::Seen) -> Result<Official> {
    let transfer = &seen.transfer;
    let from = unit::get(site, &transfer.from().id).await?;
    let above = match &from.parent_id {
        Some(above) => vec![unit::get(site, above).await?.name],
        None => Vec::new(),
    };
    let name = member::name(site, &transfer.member_id).await?;
    let number = match transfer.letter_no.as_str() {
        "" => BLANK.to_owned(),
        number => number.to_owned(),
    };
    let say = |key: &str| {
        vi(
            site,
            key,
            &[
                ("name", name.as_str().into()),
                ("from", transfer.from_name.as_str().into()),
                ("to", transfer.to_name.as_str().into()),
                ("number", number.as_str().into()),
                ("day", transfer.letter_on.vn().as_str().into()),
                ("due", transfer.show_due.vn().as_str().into()),
            ],
        )
    };
    let paragraph = |key: &str| Block::Paragraph(say(key).as_str().into());
    let mut body = vec![
        paragraph("people-moving-paper-number"),
        paragraph("people-moving-paper-who"),
    ];
    body.push(match transfer.until() {
        None => paragraph("people-moving-paper-official"),
        Some(last) => {
            let until = vi(
                site,
                "people-moving-paper-temporary",
                &[
                    ("to", transfer.to_name.as_str().into()),
                    ("until", last.vn().as_str().into()),
                ],
            );
            Block::Paragraph(until.as_str().into())
        }
    });
    body.push(paragraph("people-moving-paper-due"));
    for (head, text) in [
        (
            "people-moving-paper-slip-kept",
            "people-moving-paper-slip-kept-text",
        ),
        (
            "people-moving-paper-slip-back",
            "people-moving-paper-slip-back-text",
        ),
    ] {
        body.push(Block::Centred(vec![say(head)]));
        body.push(paragraph(text));
        body.push(paragraph("people-moving-paper-slip-sign"));
    }
    Ok(Official {
        issuer: Issuer {
            above,
            name: transfer.from_name.clone(),
        },
        symbol: None,
        place: BLANK_PLACE.to_owned(),
        dated: Dated::On(transfer.letter_on),
        title: Title::Named {
            kind: vi(site, "people-moving-paper-kind", &[]),
            subject: vi(site, "people-moving-paper-subject", &[]),
        },
        marks: Vec::new(),
        addressees: vec![transfer.to_name.clone()],
        body,
        recipients: Vec::new(),
        signatures: vec![Signature {
            capacity: Capacity::OnBehalf,
            of: vi(site, "people-moving-paper-body", &[]),
            post: vi(site, "people-moving-paper-post", &[]),
            name: String::new(),
            is_sealed: false,
        }],
    })
}

pub(crate) async fn get(State(site): State<Site>, who: Member, Path(id): Path<String>) -> Answer {
    let seen = moving::see(&site, &who.actor, &id).await?;
    let is_open = seen.transfer.is_waiting() || seen.transfer.state.is(Stands::Accepted);
    if seen.sends.is_none() || !is_open {
        return Err(Error::NotFound.into());
    }
    let paper = paper(&site, &seen).await?;
    let moment = site.clock.now();
    let work = move || print::official(&paper, &Layout::party(), moment);
    let pdf = site.press.run(work).await?;
    let kind = vi(&site, "people-moving-paper-kind", &[]);
    let name = web::file_name([kind.as_str(), &seen.transfer.name], "pdf");
    Ok(web::download(&name, "application/pdf", pdf.bytes))
}
