//! One meeting for a calendar of the member's own: day, hour, place and a link, in the form of RFC 5545.
//!
//! The title is the kind of meeting, not what was typed: what is dealt with stays in the handbook.

use crate::access;
use crate::words;
use axum::extract::{Path, State};
use kernel::error::Refusal;
use kernel::{Error, Moment};
use site::Site;
use web::{Answer, Frame, Member};

const MEDIA: &str = "text/calendar; charset=utf-8";
/// Octets of a line before it must be folded.
const LINE: usize = 75;
/// How long a meeting without planned minutes is shown.
const MINUTES: i64 = 90;

/// An instant as `20261127T123000Z`.
fn stamp(at: Moment) -> String {
    let text = at.rfc3339();
    let whole = text.split(['.', 'Z']).next().unwrap_or_default();
    let digits: String = whole.chars().filter(|c| *c != '-' && *c != ':').collect();
    format!("{digits}Z")
}

/// A line of text, with the signs that part values escaped and folded where it is long.
fn line(name: &str, value: &str) -> String {
    let mut text = format!("{name}:");
    for c in value.chars() {
        match c {
            '\\' | ';' | ',' => text.extend(['\\', c]),
            '\n' => text.push_str("\\n"),
            c if c.is_control() => {}
            c => text.push(c),
        }
    }
    let (mut out, mut width) = (String::new(), 0);
    for c in text.chars() {
        if width + c.len_utf8() > LINE {
            out.push_str("\r\n ");
            width = 1;
        }
        out.push(c);
        width += c.len_utf8();
    }
    out + "\r\n"
}

pub(crate) async fn get(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
) -> Answer {
    let seen = access::find(&site, &who, &id).await?;
    let meeting = &seen.meeting;
    if !meeting.state.is_coming() {
        let refusal = Refusal::new("meetings-refused-step");
        let to = format!("/meetings/{}", meeting.id);
        return Err(Error::from(refusal.way_out(to, "meetings-see-meeting")).into());
    }
    let items = crate::plan::store::list_items(&site.db, &meeting.id).await?;
    let planned: i64 = items.iter().map(|item| item.minutes_planned).sum();
    let minutes = if planned > 0 { planned } else { MINUTES };
    let starts = meeting.starts();
    let own = site.edge.public_url.get();
    let mut lines = vec![
        ("BEGIN", "VCALENDAR".to_owned()),
        ("VERSION", "2.0".to_owned()),
        ("PRODID", "-//So tay//meetings//VI".to_owned()),
        ("METHOD", "PUBLISH".to_owned()),
        ("BEGIN", "VEVENT".to_owned()),
        ("UID", format!("{}@sotay", meeting.id)),
        ("SEQUENCE", meeting.row_version.to_string()),
        ("DTSTAMP", stamp(site.clock.now())),
        ("DTSTART", stamp(starts)),
        ("DTEND", stamp(starts.plus_ms(minutes * 60_000))),
        ("SUMMARY", words::title(&site, meeting.kind, starts.day())),
        ("LOCATION", meeting.place.clone()),
    ];
    if !own.is_empty() {
        lines.push(("URL", format!("{own}/meetings/{}", meeting.id)));
    }
    lines.push(("END", "VEVENT".to_owned()));
    lines.push(("END", "VCALENDAR".to_owned()));
    let text: String = lines
        .iter()
        .map(|(name, value)| line(name, value))
        .collect();
    let word = frame.t("meetings-ics-word");
    let name = web::file_name([word.as_str(), &starts.day().to_string()], "ics");
    Ok(web::download(&name, MEDIA, text.into_bytes()))
}

#[cfg(test)]
mod tests {
    use crate::verbs::*;
    use testkit::{HOA, LAN, TUAN};

    #[test]
    fn long_lines_are_folded_between_characters() {
        let text = super::line("LOCATION", &"nhà ễ, ".repeat(30));
        assert!(text.split("\r\n").all(|line| line.len() <= 75), "{text}");
        assert!(text.replace("\r\n ", "").contains("nhà ễ\\, nhà"));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_member_takes_the_hour_into_a_calendar_without_what_is_dealt_with() {
        testkit::on_both(rooms, async |app| {
            let other = [("heading", "Xét việc đồng chí X"), ("do", "call")];
            let id = plans(&app, LAN, &other).await;
            let path = format!("/meetings/{id}/meeting.ics");
            let file = app.as_(HOA).get(&path).await.expects(200).body();
            for part in [
                "DTSTART:20261127T123000Z",
                "DTEND:20261127T130000Z",
                "LOCATION:Nhà văn hóa",
                "SUMMARY:Sinh hoạt thường kỳ tháng 11",
            ] {
                assert!(file.contains(part), "{part} is not in {file}");
            }
            assert!(!file.contains("đồng chí X") && !file.contains("Khai mạc"));
            app.as_(TUAN).get(&path).await.expects(404);
        })
        .await;
    }
}
