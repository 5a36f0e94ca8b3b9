//! What people do in this room's tests, in their own verbs.

use testkit::{Character, LAN, Reply, TestApp};

/// The rooms of these tests.
pub(crate) fn rooms() -> Vec<site::Room> {
    vec![crate::room()]
}

type Fields<'a> = Vec<(&'a str, &'a str)>;

/// A good plan for Friday 27 November 19:30 in cell A, with some fields in other words.
pub(crate) fn fields<'a>(other: &[(&'a str, &'a str)]) -> Fields<'a> {
    let good = [
        ("unit", "cell-a"),
        ("kind", "regular"),
        ("date", "2026-11-27"),
        ("time", "19:30"),
        ("heading", ""),
        ("place", "Nhà văn hóa 😀"),
        ("chair", "lan"),
        ("clerk", "minh"),
        ("item", ""),
        ("title", "Khai mạc"),
        ("minutes", "10"),
        ("presenter", ""),
        ("item", ""),
        ("title", "Bàn việc 🎉"),
        ("minutes", "20"),
        ("presenter", "Minh"),
    ];
    let mut out: Fields<'a> = good
        .into_iter()
        .filter(|(name, _)| !other.iter().any(|(changed, _)| changed == name))
        .collect();
    out.extend_from_slice(other);
    out
}

/// Plans a meeting, and with `do=call` calls it behind the page that asks; answers its id.
pub(crate) async fn plans(app: &TestApp, who: Character, other: &[(&str, &str)]) -> String {
    // Tests plan several meetings for one hour; what is asked then is a test of its own.
    let mut form = fields(other);
    form.push(("sure", "hour month again"));
    let reply = app.as_(who).post("/meetings/new", &form).await.expects(303);
    let to = reply.location();
    match to.strip_suffix("/calling") {
        Some(meeting) => {
            app.as_(who).post(&to, &[]).await.expects(303);
            id_of(meeting)
        }
        None => id_of(&to),
    }
}
fn id_of(address: &str) -> String {
    address.rsplit('/').next().unwrap().to_owned()
}
/// Waits for the day (27 November, 19:32) and opens the meeting.
pub(crate) async fn opens(app: &TestApp, who: Character, id: &str) {
    app.site
        .clock
        .set("2026-11-27".parse::<kernel::Day>().unwrap().at(19, 32));
    app.as_(who)
        .post(&format!("/meetings/{id}/opening"), &[])
        .await
        .expects(303);
}
/// A meeting of cell A that is going on.
pub(crate) async fn opened(app: &TestApp) -> String {
    let id = plans(app, LAN, &[("do", "call")]).await;
    opens(app, LAN, &id).await;
    id
}
/// Lan taps a name.
pub(crate) async fn marks(app: &TestApp, id: &str, member: &str) {
    let fields = [("row", member), ("present", member)];
    app.as_(LAN)
        .header("x-fragment", "1")
        .post(&format!("/meetings/{id}/attendance"), &fields)
        .await
        .expects(200);
}
/// A meeting that ended at 21:06: Lan and Minh came, Hoa did not.
pub(crate) async fn closed(app: &TestApp) -> String {
    let id = opened(app).await;
    closes(app, &id).await
}
/// Lan marks herself and Minh and closes at 21:06; answers the id.
pub(crate) async fn closes(app: &TestApp, id: &str) -> String {
    marks(app, id, "lan").await;
    marks(app, id, "minh").await;
    let fields = [
        ("started", "19:32"),
        ("ended", "21:06"),
        ("rest", "unexcused"),
        ("sure", "yes"),
    ];
    app.as_(LAN)
        .post(&format!("/meetings/{id}/closing"), &fields)
        .await
        .expects(303);
    id.to_owned()
}
/// Lan opens the whole minutes and saves another text.
pub(crate) async fn writes(app: &TestApp, id: &str, body: &str) {
    let opened = opens_all(app, LAN, id).await;
    saves_all(app, LAN, id, &opened, body).await.expects(303);
}
/// Opens the whole text of the minutes: what its form says of the text that it was made of.
pub(crate) async fn opens_all(app: &TestApp, who: Character, id: &str) -> [String; 2] {
    let path = format!("/meetings/{id}/minutes?section=all");
    let page = app.as_(who).get(&path).await.expects(200);
    ["number", "was"].map(|name| {
        page.attributes(&format!("form.measure input[name={name}]"), "value")
            .remove(0)
    })
}
/// Saves the whole text of the minutes from a form that was opened before.
pub(crate) async fn saves_all(
    app: &TestApp,
    who: Character,
    id: &str,
    [number, was]: &[String; 2],
    body: &str,
) -> Reply {
    let fields = [
        ("number", number.as_str()),
        ("was", was.as_str()),
        ("body", body),
    ];
    let path = format!("/meetings/{id}/minutes");
    app.as_(who).post(&path, &fields).await
}
/// The text of a PDF, as another program reads it, white space folded.
pub(crate) fn read(pdf: &[u8]) -> String {
    let text = pdf_extract::extract_text_from_mem(pdf).unwrap();
    let text = text.replace('\u{200b}', "");
    vietnamese::nfc(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}
/// A room whose things can stand on an agenda: `doc-a` for everybody, `doc-secret` for cell B. It stands
/// in for documents, which this room does not know.
pub(crate) fn documents() -> site::Room {
    use site::room::AgendaKind;
    use site::room::agenda::Offer;
    fn seen(who: &web::SignedIn) -> Vec<Offer> {
        let offer = |id: &str, label: &str| Offer {
            id: id.to_owned(),
            label: label.to_owned(),
            meta: String::new(),
            to: format!("/documents/{id}"),
        };
        let mut all = vec![offer("doc-a", "12-QĐ/ĐU, Về việc thử")];
        let home = who.actor.home.as_ref();
        if home.is_some_and(|unit| unit.id.as_str() == testkit::UNIT_CELL_B) {
            all.push(offer("doc-secret", "13-QĐ/ĐU, Về việc kín"));
        }
        all
    }
    let mut room = site::Room::new("papers", "", "");
    room.agenda = vec![AgendaKind {
        kind: "document",
        icon: "doc",
        text: "web-search",
        offer: |_, who, _, _, text, _| {
            Box::pin(async move {
                let text = vietnamese::fold(&text);
                let fits = |offer: &Offer| vietnamese::fold(&offer.label).contains(&text);
                Ok(seen(&who).into_iter().filter(fits).collect())
            })
        },
        show: |_, who, _, ids| {
            Box::pin(async move {
                let all = seen(&who).into_iter();
                Ok(all.filter(|offer| ids.contains(&offer.id)).collect())
            })
        },
    }];
    room
}
/// A DOCX with that body, as small as Word takes it.
pub(crate) fn docx(body: &str) -> Vec<u8> {
    use std::io::Write as _;
    const TYPES: &str = "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\
        <Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
        <Override PartName=\"/word/document.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.\
        wordprocessingml.document.main+xml\"/></Types>";
    const LINKS: &str = "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">\
        <Relationship Id=\"r1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/\
        officeDocument\" Target=\"word/document.xml\"/></Relationships>";
    let document = format!(
        "<w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\">\
         <w:body>{body}</w:body></w:document>"
    );
    let mut file = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in [
        ("[Content_Types].xml", TYPES),
        ("_rels/.rels", LINKS),
        ("word/document.xml", document.as_str()),
    ] {
        let options = zip::write::SimpleFileOptions::default();
        file.start_file(name, options).unwrap();
        file.write_all(text.as_bytes()).unwrap();
    }
    file.finish().unwrap().into_inner()
}
/// What `word/document.xml` of a DOCX says.
pub(crate) fn reads(docx: &[u8]) -> String {
    let mut file = zip::ZipArchive::new(std::io::Cursor::new(docx)).unwrap();
    let mut part = file.by_name("word/document.xml").unwrap();
    std::io::read_to_string(&mut part).unwrap()
}
/// Sends a file for invitations of cell A.
pub(crate) async fn sends(app: &TestApp, who: Character, name: &str, bytes: &[u8]) -> Reply {
    let token = app.as_(who).csrf();
    let parts = [
        ("csrf", None, token.as_bytes()),
        ("file", Some(name), bytes),
    ];
    app.as_(who)
        .post_parts("/units/cell-a/invitation", &parts)
        .await
}
