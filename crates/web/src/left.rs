//! A form that was sent after its session had ended: kept for its person, and given back filled when the
//! same person has signed in again. One mechanism for every form, at the edge.
//!
//! What is kept is sealed and stands in the database (the account room's matter, behind [`crate::Doorman`]);
//! the browser holds a cookie that says only that there is something. Passwords are never kept.
//! The rule that surprises: the token of the form is compared with the **ended** session, so only a page
//! that we drew for that person leaves anything behind.

use crate::frame::Frame;
use crate::link::escape;
use std::collections::HashMap;

/// Says that something was kept; opens nothing and names nobody.
pub(crate) const COOKIE: &str = "sotay_left";
/// How long it is kept.
pub const LASTS_MS: i64 = 3_600_000;
/// In the address of the page: show it without what was typed.
const WITHOUT: &str = "left=no";

/// What somebody had typed.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct LeftForm {
    /// The page that holds the form, with its query.
    pub page: String,
    /// Where the form is sent.
    pub action: String,
    /// The fields, in their order, without token and passwords.
    pub pairs: Vec<(String, String)>,
}

impl LeftForm {
    /// Reads a form as it was sent to `action` from `page`. Answers the token beside it; `None` when it is no
    /// form of ours.
    pub(crate) fn read(bytes: &[u8], page: String, action: String) -> Option<(LeftForm, String)> {
        let mut pairs = crate::form::pairs(bytes)?;
        let at = pairs.iter().position(|(name, _)| name == "csrf")?;
        let (_, token) = pairs.remove(at);
        pairs.retain(|(name, _)| !name.contains("password") && name != "old");
        let form = LeftForm {
            page,
            action,
            pairs,
        };
        Some((form, token))
    }
    /// Whether this page is to be filled.
    pub(crate) fn is_for(&self, path: &str, query: &str) -> bool {
        let page = self.page.split(['?', '#']).next();
        page == Some(path) && !query.split('&').any(|part| part == WITHOUT)
    }
}

/// The page that a form was sent from: ours by its address, else where it was sent to.
pub(crate) fn page_of(referer: &str, host: &str, action: &str) -> String {
    let rest = referer.split_once("://").map_or("", |(_, rest)| rest);
    let path = rest.strip_prefix(host).filter(|_| !host.is_empty());
    let own = path.and_then(crate::frame::own_path).unwrap_or(action);
    // Typed on a page that was shown without what was left before: this time it is wanted.
    let (path, query) = own.split_once('?').unwrap_or((own, ""));
    let query: Vec<&str> = (query.split('&'))
        .filter(|part| !part.is_empty() && *part != WITHOUT)
        .collect();
    match query.is_empty() {
        true => path.to_owned(),
        false => format!("{path}?{}", query.join("&")),
    }
}

/// One tag: its name in lower case and its attributes, values as they stand.
struct Tag {
    name: String,
    attributes: Vec<(String, Option<String>)>,
}

impl Tag {
    /// Reads what stands between `<` and `>`.
    fn read(text: &str) -> Tag {
        let end = text.find(|c: char| c.is_whitespace() || c == '/');
        let (name, mut rest) = text.split_at(end.unwrap_or(text.len()));
        let mut attributes = Vec::new();
        loop {
            rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
            if rest.is_empty() {
                break;
            }
            let end = rest.find(|c: char| c.is_whitespace() || c == '=' || c == '/');
            let (key, after) = rest.split_at(end.unwrap_or(rest.len()).max(1));
            rest = after;
            let mut value = None;
            if let Some(after) = rest.trim_start().strip_prefix('=') {
                let after = after.trim_start();
                let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''));
                let (held, left) = match quote {
                    Some(quote) => {
                        let inner = &after[1..];
                        inner.split_once(quote).unwrap_or((inner, ""))
                    }
                    None => after.split_at(after.find(char::is_whitespace).unwrap_or(after.len())),
                };
                value = Some(held.replace('"', "&quot;"));
                rest = left;
            }
            attributes.push((key.to_ascii_lowercase(), value));
        }
        Tag {
            name: name.to_ascii_lowercase(),
            attributes,
        }
    }
    fn get(&self, name: &str) -> String {
        let held = self.attributes.iter().find(|(held, _)| held == name);
        held.and_then(|(_, value)| value.as_deref())
            .map_or_else(String::new, unescape)
    }
    fn set(&mut self, name: &str, value: Option<&str>) {
        self.remove(name);
        let escaped = value.map(|value| {
            let mut out = String::new();
            escape(value, &mut out);
            out
        });
        self.attributes.push((name.to_owned(), escaped));
    }
    fn remove(&mut self, name: &str) {
        self.attributes.retain(|(held, _)| held != name);
    }
    fn write(&self, out: &mut String) {
        out.push('<');
        out.push_str(&self.name);
        for (name, value) in &self.attributes {
            out.push(' ');
            out.push_str(name);
            if let Some(value) = value {
                out.push_str("=\"");
                out.push_str(value);
                out.push('"');
            }
        }
        out.push('>');
    }
}

/// The text of an attribute as our templates write it.
fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.find(';').filter(|end| *end < 10);
        let read = end.and_then(|end| {
            let code = &rest[1..end];
            let number =
                code.strip_prefix('#')
                    .and_then(|digits| match digits.strip_prefix(['x', 'X']) {
                        Some(hex) => u32::from_str_radix(hex, 16).ok(),
                        None => digits.parse().ok(),
                    });
            match code {
                "amp" => Some('&'),
                "lt" => Some('<'),
                "gt" => Some('>'),
                "quot" => Some('"'),
                _ => number.and_then(char::from_u32),
            }
            .map(|c| (c, end))
        });
        match read {
            Some((c, end)) => {
                out.push(c);
                rest = &rest[end + 1..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

/// The end of a tag that begins at the start of `text`: its `>` outside quotes.
fn end_of_tag(text: &str) -> Option<usize> {
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (None, '"' | '\'') => quote = Some(c),
            (Some(held), c) if held == c => quote = None,
            (None, '>') => return Some(at),
            _ => {}
        }
    }
    None
}

/// Tags of a page one after the other: where each begins and ends.
fn tags(html: &str) -> impl Iterator<Item = (usize, usize, Tag)> {
    let mut from = 0;
    std::iter::from_fn(move || {
        loop {
            let start = from + html.get(from..)?.find('<')?;
            let end = start + end_of_tag(&html[start..])? + 1;
            from = end;
            let inner = &html[start + 1..end - 1];
            if inner.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/') {
                return Some((start, end, Tag::read(inner)));
            }
        }
    })
}

/// Where the form that is sent to `action` stands.
fn form_of(html: &str, action: &str) -> Option<(usize, usize)> {
    let mut open = None;
    let mut is_it = false;
    for (start, end, tag) in tags(html) {
        if tag.name == "form" {
            open = Some(end);
            is_it = tag.get("action") == action && tag.get("method").eq_ignore_ascii_case("post");
        }
        // A tag that closes has its stroke before its name.
        if html[start..end].to_ascii_lowercase().starts_with("</form") {
            if let (Some(open), true) = (open, is_it) {
                return Some((open, start));
            }
            open = None;
        }
        is_it |= open.is_some() && tag.get("formaction") == action;
    }
    None
}

/// What is still to be put into a field, by name.
struct Typed {
    by_name: HashMap<String, Vec<(String, bool)>>,
}

impl Typed {
    fn of(pairs: &[(String, String)]) -> Typed {
        let mut by_name: HashMap<String, Vec<(String, bool)>> = HashMap::new();
        for (name, value) in pairs {
            let of = by_name.entry(name.clone()).or_default();
            of.push((value.clone(), false));
        }
        Typed { by_name }
    }
    fn next(&mut self, name: &str) -> Option<String> {
        let of = self.by_name.get_mut(name)?;
        let (value, is_used) = of.iter_mut().find(|(_, is_used)| !*is_used)?;
        *is_used = true;
        Some(value.clone())
    }
    fn has(&mut self, name: &str, value: &str) -> bool {
        let of = self.by_name.get_mut(name);
        let found = of.and_then(|of| of.iter_mut().find(|(held, _)| held == value));
        found.is_some_and(|(_, is_used)| {
            *is_used = true;
            true
        })
    }
    fn drop(&mut self, name: &str) {
        self.by_name.remove(name);
    }
    /// What found no field: rows that a script had added.
    fn over(&self, pairs: &[(String, String)]) -> Vec<String> {
        let mut left: Vec<String> = Vec::new();
        for (name, value) in pairs {
            let of = self.by_name.get(name).into_iter().flatten();
            let mut unused = of.filter(|(_, is_used)| !*is_used);
            if !value.trim().is_empty() && unused.any(|(held, _)| held == value) {
                left.push(value.clone());
            }
        }
        left
    }
}

/// Fills the fields of one form.
fn fill_fields(form: &str, typed: &mut Typed) -> String {
    let mut out = String::with_capacity(form.len());
    let mut done = 0;
    let mut chosen = None;
    let mut in_text = false;
    for (start, end, mut tag) in tags(form) {
        let closes = form[start..end].to_ascii_lowercase();
        if in_text {
            // The old text of the field is passed over up to its end.
            if closes.starts_with("</textarea") {
                in_text = false;
                done = start;
            }
            continue;
        }
        out.push_str(&form[done..start]);
        done = end;
        let name = tag.get("name");
        match tag.name.as_str() {
            "input" => match tag.get("type").as_str() {
                _ if name == "csrf" => {}
                "checkbox" | "radio" => {
                    let value = tag.get("value");
                    tag.remove("checked");
                    if typed.has(&name, if value.is_empty() { "on" } else { &value }) {
                        tag.set("checked", None);
                    }
                }
                "submit" | "button" | "image" | "reset" => typed.drop(&name),
                "file" | "password" => {}
                _ => {
                    if let Some(value) = typed.next(&name) {
                        tag.set("value", Some(&value));
                    }
                }
            },
            "button" => typed.drop(&name),
            "select" => chosen = typed.next(&name),
            "option" => {
                if let Some(chosen) = &chosen {
                    tag.remove("selected");
                    if tag.get("value") == *chosen {
                        tag.set("selected", None);
                    }
                }
            }
            "textarea" => {
                if let Some(value) = typed.next(&name) {
                    tag.write(&mut out);
                    out.push('\n'); // the first line break of the field is not part of it
                    escape(&value, &mut out);
                    in_text = true;
                    continue;
                }
            }
            _ => {
                if closes.starts_with("</select") {
                    chosen = None;
                }
                out.push_str(&form[start..end]);
                continue;
            }
        }
        tag.write(&mut out);
    }
    out.push_str(&form[done..]);
    out
}

/// The page with the form filled as it was left, and a note that says so. What finds no field is listed in
/// the note: nothing is lost.
pub(crate) fn fill(frame: &Frame, html: &str, left: &LeftForm) -> String {
    let mut typed = Typed::of(&left.pairs);
    let mut page = html.to_owned();
    if let Some((from, to)) = form_of(html, &left.action) {
        let filled = fill_fields(&html[from..to], &mut typed);
        page.replace_range(from..to, &filled);
    }
    let over = typed.over(&left.pairs);
    let main = tags(&page).find(|(_, _, tag)| tag.name == "main");
    if let Some((_, end, _)) = main {
        page.insert_str(end, &note(frame, left, &over));
    }
    page
}

fn note(frame: &Frame, left: &LeftForm, over: &[String]) -> String {
    let mut note = String::from(
        "<div class=\"note\" data-is=\"info\" role=\"status\" id=\"left\"><div><p><b>",
    );
    escape(&frame.t("web-left-back"), &mut note);
    note.push_str("</b></p>");
    if !over.is_empty() {
        note.push_str("<p>");
        escape(&frame.t("web-left-over"), &mut note);
        note.push_str("</p><ul>");
        for value in over {
            note.push_str("<li>");
            escape(value, &mut note);
            note.push_str("</li>");
        }
        note.push_str("</ul>");
    }
    let join = if left.page.contains('?') { '&' } else { '?' };
    note.push_str("<p><a href=\"");
    escape(&format!("{}{join}{WITHOUT}", left.page), &mut note);
    note.push_str("\">");
    escape(&frame.t("web-left-without"), &mut note);
    note.push_str("</a></p></div></div>");
    note
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        let owned = |(a, b): &(&str, &str)| ((*a).to_owned(), (*b).to_owned());
        pairs.iter().map(owned).collect()
    }
    fn filled(form: &str, typed: &[(&str, &str)]) -> (String, Vec<String>) {
        let all = pairs(typed);
        let mut typed = Typed::of(&all);
        let html = fill_fields(form, &mut typed);
        (html, typed.over(&all))
    }

    #[test]
    fn every_kind_of_field_is_filled_and_nothing_else_touched() {
        let form = concat!(
            "<input type=\"hidden\" name=\"csrf\" value=\"new\"><input type='hidden' name='version' value='3'>",
            "<p>a > b</p><input class=\"input\" name=\"title\" value=\"old &#34;x&#34;\">",
            "<textarea class=\"input\" name=\"text\">old <b></textarea>",
            "<input type=\"checkbox\" name=\"who\" value=\"a\" checked><input type=\"checkbox\" name=\"who\" value=\"b\">",
            "<input type=\"radio\" name=\"way\" value=\"x\"><input type=\"radio\" name=\"way\" value=\"y\" checked>",
            "<select name=\"kind\"><option value=\"1\" selected>m</option><option value=\"2\">h</option></select>",
            "<input type=\"file\" name=\"title\"><button name=\"do\" value=\"save\">L</button>",
        );
        let (html, over) = filled(
            form,
            &[
                ("version", "2"),
                ("title", "họp \"kín\" <1>"),
                ("text", "dòng 1\ndòng 2 </textarea>"),
                ("who", "b"),
                ("way", "x"),
                ("kind", "2"),
                ("do", "save"),
            ],
        );
        let wanted = concat!(
            "<input type=\"hidden\" name=\"csrf\" value=\"new\"><input type=\"hidden\" name=\"version\" value=\"2\">",
            "<p>a > b</p><input class=\"input\" name=\"title\" value=\"họp &quot;kín&quot; &lt;1&gt;\">",
            "<textarea class=\"input\" name=\"text\">\ndòng 1\ndòng 2 &lt;/textarea&gt;</textarea>",
            "<input type=\"checkbox\" name=\"who\" value=\"a\"><input type=\"checkbox\" name=\"who\" value=\"b\" checked>",
            "<input type=\"radio\" name=\"way\" value=\"x\" checked><input type=\"radio\" name=\"way\" value=\"y\">",
            "<select name=\"kind\"><option value=\"1\">m</option><option value=\"2\" selected>h</option></select>",
            "<input type=\"file\" name=\"title\"><button name=\"do\" value=\"save\">L</button>",
        );
        assert_eq!(html, wanted);
        assert_eq!(over, Vec::<String>::new());
    }
    #[test]
    fn rows_go_into_their_order_and_those_without_a_place_are_told() {
        let form = "<input name=\"row\" value=\"\"><input name=\"row\" value=\"\">";
        let (html, over) = filled(form, &[("row", "a"), ("row", "b"), ("row", "c")]);
        assert!(html.contains("value=\"a\"") && html.contains("value=\"b\""));
        assert_eq!(over, ["c"]);
    }
    #[test]
    fn the_form_is_found_by_where_it_is_sent() {
        let html = "<form method=\"get\" action=\"/a\">1</form><form method=\"post\" action=\"/b?x=1&amp;y=2\">2</form>\
            <form method=\"post\" action=\"/c\">3<button formaction=\"/d\"></form>";
        let inside = |action: &str| form_of(html, action).map(|(from, to)| &html[from..to]);
        assert_eq!(inside("/a"), None);
        assert_eq!(inside("/b?x=1&y=2"), Some("2"));
        assert_eq!(inside("/d"), Some("3<button formaction=\"/d\">"));
    }
    #[test]
    fn tokens_and_passwords_are_not_kept() {
        let body = b"csrf=abc&title=h%E1%BB%8Dp&password=x&old=y&new_password=z";
        let (form, token) = LeftForm::read(body, "/p".into(), "/a".into()).unwrap();
        assert_eq!(token, "abc");
        assert_eq!(form.pairs, pairs(&[("title", "họp")]));
        assert!(LeftForm::read(b"title=x", "/p".into(), "/a".into()).is_none());
    }
    #[test]
    fn the_page_is_ours_or_where_the_form_is_sent() {
        let page = |referer: &str| page_of(referer, "a.vn", "/act");
        assert_eq!(page("https://a.vn/meetings/1?tab=2"), "/meetings/1?tab=2");
        assert_eq!(page("https://a.vn/notes?left=no"), "/notes");
        for other in [
            "https://evil.vn/x",
            "",
            "https://a.vn//evil.vn",
            "https://a.vn.evil/x",
        ] {
            assert_eq!(page(other), "/act", "{other}");
        }
    }
}
