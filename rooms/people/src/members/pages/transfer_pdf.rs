//! The letter of introduction as a paper to sign, with two slips to cut off: one for the new unit, one that comes back.
//!
//! Only for the side that sends, while it waits and once it was taken up. The number is a gap to write in where none
//! was typed. Always Vietnamese, since papers are.

use crate::members::moving::{self, State as Stands};
use crate::members::outside;
use crate::members::store::leaving as places;
use crate::{member, unit};
use axum::extract::{Path, State};
use kernel::error::{Error, Result};
use kernel::{Day, MemberId, UnitId};
use print::{Block, Capacity, Dated, Issuer, Layout, Official, Signature, Title};
use site::Site;
use web::text::Arg;
use web::{Answer, Lang, Member};

/// Left for the name of the town, where nobody has written it down.
const BLANK_PLACE: &str = "……………";
/// Left for what is written in by hand.
const BLANK: &str = "………………………………";

fn vi(site: &Site, key: &str, args: &[(&str, Arg<'_>)]) -> String {
    site.edge.texts.with(Lang::Vi, key, args)
}

/// What a letter says.
struct Letter {
    unit: UnitId,
    member: MemberId,
    from: String,
    to: String,
    number: String,
    day: Day,
    due: String,
    until: Option<Day>,
}

async fn paper(site: &Site, letter: &Letter) -> Result<Official> {
    let from = unit::get(site, &letter.unit).await?;
    let above = match &from.parent_id {
        Some(above) => vec![unit::get(site, above).await?.name],
        None => Vec::new(),
    };
    let name = member::name(site, &letter.member).await?;
    // Who leads the unit today signs; where nobody does, the line stays for whoever does.
    let lead = places::find_lead(&site.db, &letter.unit, site.clock.today()).await?;
    let signer = match lead {
        Some(lead) if lead != letter.member => member::name(site, &lead).await?,
        _ => String::new(),
    };
    let town = unit::find_town(site, &from.path).await?;
    let number = match letter.number.as_str() {
        "" => BLANK.to_owned(),
        number => number.to_owned(),
    };
    let say = |key: &str| {
        vi(
            site,
            key,
            &[
                ("name", name.as_str().into()),
                ("from", letter.from.as_str().into()),
                ("to", letter.to.as_str().into()),
                ("number", number.as_str().into()),
                ("day", letter.day.vn().as_str().into()),
                ("due", letter.due.as_str().into()),
            ],
        )
    };
    let paragraph = |key: &str| Block::Paragraph(say(key).as_str().into());
    let mut body = vec![
        paragraph("people-moving-paper-number"),
        paragraph("people-moving-paper-who"),
    ];
    body.push(match letter.until {
        None => paragraph("people-moving-paper-official"),
        Some(last) => {
            let until = vi(
                site,
                "people-moving-paper-temporary",
                &[
                    ("to", letter.to.as_str().into()),
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
            name: letter.from.clone(),
        },
        symbol: None,
        place: town.unwrap_or_else(|| BLANK_PLACE.to_owned()),
        dated: Dated::On(letter.day),
        title: Title::Named {
            kind: vi(site, "people-moving-paper-kind", &[]),
            subject: vi(site, "people-moving-paper-subject", &[]),
        },
        marks: Vec::new(),
        addressees: vec![letter.to.clone()],
        body,
        recipients: Vec::new(),
        signatures: vec![Signature {
            capacity: Capacity::OnBehalf,
            of: vi(site, "people-moving-paper-body", &[]),
            post: vi(site, "people-moving-paper-post", &[]),
            name: signer,
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
    let one = &seen.transfer;
    let letter = Letter {
        unit: one.from().id,
        member: one.member_id.clone(),
        from: one.from_name.clone(),
        to: one.to_name.clone(),
        number: one.letter_no.clone(),
        day: one.letter_on,
        due: one.show_due.vn(),
        until: one.until(),
    };
    download(&site, &letter, &one.name).await
}

async fn download(site: &Site, letter: &Letter, name: &str) -> Answer {
    let paper = paper(site, letter).await?;
    let moment = site.clock.now();
    let work = move || print::official(&paper, &Layout::party(), moment);
    let pdf = site.press.run(work).await?;
    let kind = vi(site, "people-moving-paper-kind", &[]);
    let name = web::file_name([kind.as_str(), name], "pdf");
    Ok(web::download(&name, "application/pdf", pdf.bytes))
}

/// The same to a body of another house.
pub(crate) async fn get_departure(
    State(site): State<Site>,
    who: Member,
    Path(id): Path<String>,
) -> Answer {
    let (one, _) = outside::see(&site, &who.actor, &id).await?;
    let is_open = one.is_waiting() || one.state.is(Stands::Accepted);
    if one.way != "out" || !is_open {
        return Err(Error::NotFound.into());
    }
    let letter = Letter {
        unit: one.unit_id.clone(),
        member: one.member_id.clone(),
        from: one.unit_name.clone(),
        to: one.body_name.clone(),
        number: one.letter_no.clone(),
        day: one.letter_on,
        due: member::vn(&one.show_due),
        until: None,
    };
    download(&site, &letter, &one.name).await
}
