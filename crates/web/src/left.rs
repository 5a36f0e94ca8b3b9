//! A form that was sent after its session had ended: kept for its person, and given back filled when the
//! same person has signed in again in the same browser. One mechanism for every form, at the edge.
//!
//! What is kept is sealed and stands in the database (the account room's matter, behind [`crate::Doorman`]);
//! the browser that left it holds a random value, without which nothing is given back. What is in
//! `is_withheld` is never kept.
//! The rule that surprises: the token of the form is compared with the **ended** session, so only a page
//! that we drew for that person leaves anything behind. What cannot be put where it was typed, beyond doubt,
//! is shown as text beside the form and never in it.

use crate::frame::Frame;
use crate::link::escape;
use crate::tag::{Tag, tags, unescape};
use std::collections::{HashMap, HashSet};

/// Names the browser that left something; opens nothing and names nobody.
pub(crate) const COOKIE: &str = "sotay_left";
/// How long it is kept.
pub const LASTS_MS: i64 = 3_600_000;
/// In the address of the page: throw away what was typed.
const WITHOUT: &str = "left=no";
/// Buttons and what a page writes for itself: alone they are nothing that somebody typed.
const NOT_TYPED: &[&str] = &[
    "do",
    "all",
    "decision",
    "then",
    "version",
    "row_version",
    "once",
    "next",
    "back",
    "shown",
    "item",
    "sure",
    "sure_age",
    "newest",
    "hash",
    "at",
    "was",
    "edit",
    "edit_was",
    "summary_was",
    "conclusion_was",
];

/// What a page lets choose or writes for itself, in boxes, lists, buttons and hidden fields: the words of our own
/// in them (`approve`, `regular`) say nothing to who typed beside them. A test of `app` compares with the templates.
const CHOSEN: &[&str] = &[
    "audience",
    "auth",
    "beside",
    "category",
    "chair",
    "clerk",
    "correction",
    "days",
    "done",
    "dropped",
    "edit_owner",
    "endpoint",
    "exempt",
    "field",
    "how",
    "is_public",
    "kept_by",
    "kind",
    "lang",
    "member",
    "number",
    "others",
    "over",
    "p256dh",
    "page",
    "paper",
    "parent",
    "phoneless",
    "present",
    "read",
    "relation",
    "remove",
    "rest",
    "role",
    "rule",
    "scheme",
    "scope",
    "section_id",
    "sex",
    "shared",
    "size",
    "skip",
    "state",
    "status",
    "sure_age",
    "take",
    "task_owner",
    "template",
    "theme",
    "to_body",
    "unit",
    "urgent",
    "want",
    "who",
    "with",
];
/// The same, of fields that a row or a person has: `row-3`, `absence-…`.
const CHOSEN_BEFORE: &[&str] = &["absence-", "row-", "was-"];
/// Names that are a box here and a field to type in there: their words of our own are left out alone.
const EITHER: &[&str] = &["answer", "basis", "email", "name", "q", "section", "to"];

/// Whether a field is known, by its name alone, to hold nothing that somebody typed.
pub fn is_chosen(name: &str) -> bool {
    NOT_TYPED.contains(&name)
        || CHOSEN.contains(&name)
        || is_drawn_anew(name)
        || CHOSEN_BEFORE.iter().any(|start| name.starts_with(start))
}

/// Whether a field of this name may be either.
pub fn is_either(name: &str) -> bool {
    EITHER.contains(&name)
}

/// A word of our own, as a box or a list sends it: small letters of English, strokes between them.
fn is_our_word(value: &str) -> bool {
    value
        .bytes()
        .all(|b| b.is_ascii_lowercase() || matches!(b, b'-' | b'_' | b':'))
}

/// Whether a field of this name is not kept: passwords, and the numbers that a record keeps sealed.
fn is_withheld(name: &str) -> bool {
    name.contains("password") || matches!(name, "old" | "card" | "citizen" | "phone")
}

/// Forms whose address or whose one field is the code of a slip: nothing of them is kept.
const OF_SLIPS: &str = "/activate";

/// Whether an address belongs to the forms of slips.
pub(crate) fn is_of_slip(address: &str) -> bool {
    let rest = address.strip_prefix(OF_SLIPS);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
}

/// A page that may be kept, without the values of what is not kept, and whose fields those are.
pub(crate) struct Bare {
    pub(crate) html: String,
    pub(crate) names: Vec<String>,
}

/// A page with the form that was sent, without passwords and sealed numbers, and with a word that they are to be
/// typed again. `None`: one of them stands elsewhere in the page too, and it is not to be kept.
pub(crate) fn bare(frame: &Frame, html: &str, pairs: &[(String, String)]) -> Option<Bare> {
    let bare = emptied(html, pairs)?;
    let is_withheld = withheld(pairs);
    let is_short = (pairs.iter()).any(|(name, value)| is_withheld(name) && !value.is_empty());
    let mut html = bare.html;
    let main = tags(&html).find(|(_, _, tag)| tag.name == "main");
    if let (Some((_, end, _)), true) = (main, is_short) {
        let mut note = String::from(
            "<div class=\"note\" data-is=\"info\" role=\"status\" id=\"again\"><div><p>",
        );
        escape(&frame.t("web-left-again"), &mut note);
        note.push_str("</p></div></div>");
        html.insert_str(end, &note);
    }
    Some(Bare { html, ..bare })
}

fn emptied(html: &str, pairs: &[(String, String)]) -> Option<Bare> {
    let is_withheld = withheld(pairs);
    let mut names = Vec::new();
    let html = with_values(html, |name| {
        if !is_withheld(name) {
            return None;
        }
        if !names.iter().any(|held| held == name) {
            names.push(name.to_owned());
        }
        Some(String::new())
    });
    let typed = pairs.iter().filter(|(name, _)| is_withheld(name));
    for value in typed
        .map(|(_, value)| value.trim())
        .filter(|v| !v.is_empty())
    {
        let mut escaped = String::new();
        escape(value, &mut escaped);
        if value.chars().count() > 3 && (html.contains(value) || html.contains(&escaped)) {
            return None;
        }
    }
    Some(Bare { html, names })
}

/// The kept page with what the page of now has in the fields that were emptied: saved as it is, nothing goes.
pub(crate) fn with_those_of(kept: &Bare, fresh: &str) -> String {
    let values = |html: &str| {
        let mut all: HashMap<String, Vec<String>> = HashMap::new();
        for control in controls(html) {
            if matches!(control.kind, Kind::Text | Kind::Hidden)
                && kept.names.contains(&control.name)
            {
                all.entry(control.name).or_default().push(control.value);
            }
        }
        all
    };
    let (held, mut now) = (values(&kept.html), values(fresh));
    now.retain(|name, all| held.get(name).is_some_and(|held| held.len() == all.len()));
    for all in now.values_mut() {
        all.reverse();
    }
    with_values(&kept.html, |name| now.get_mut(name)?.pop())
}

/// A page with other values in its text fields, hidden ones and those of passwords too; what somebody else wrote there
/// meanwhile goes where a field gets another.
fn with_values(html: &str, mut of: impl FnMut(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(html.len());
    let mut done = 0;
    let mut until: Option<&str> = None;
    for (start, end, mut tag) in tags(html) {
        if let Some(close) = until {
            if html[start..].starts_with(close) {
                (until, done) = (None, start);
            }
            continue;
        }
        if html[start..].starts_with("</") {
            continue;
        }
        let id = tag.get("id");
        if let ("p", Some(name)) = (tag.name.as_str(), id.strip_prefix("t-")) {
            if is_withheld(name) {
                out.push_str(&html[done..end]);
                until = Some("</p");
            }
            continue;
        }
        let is_password = tag.get("type") == "password";
        let kind = kind_of(&tag);
        if !is_password && !matches!(kind, Some(Kind::Text | Kind::Hidden)) {
            continue;
        }
        let name = tag.get("name");
        let Some(value) = of(if is_password { "password" } else { &name }) else {
            continue;
        };
        if tag.name == "textarea" {
            out.push_str(&html[done..end]);
            escape(&value, &mut out);
            until = Some("</textarea");
            continue;
        }
        out.push_str(&html[done..start]);
        tag.set("value", Some(&value));
        tag.write(&mut out);
        done = end;
    }
    out.push_str(&html[done..]);
    out
}

/// The fields of a form that are not kept. Beside a `field` that names such a number (a place of the record which
/// is said to be wrong) its `value` is one.
fn withheld(pairs: &[(String, String)]) -> impl Fn(&str) -> bool + use<> {
    let mut fields = pairs.iter().filter(|(name, _)| name == "field");
    let names_one = fields.any(|(_, place)| is_withheld(place));
    move |name| is_withheld(name) || (names_one && name == "value")
}

/// Drawn anew with each page, so that a form that is sent twice counts once.
fn is_drawn_anew(name: &str) -> bool {
    name == "csrf" || name == "once" || name.ends_with("_once")
}

/// An id of ours says nothing to a reader.
fn is_id(value: &str) -> bool {
    kernel::id::is_made(value)
}

fn is_typed(name: &str, value: &str) -> bool {
    let is_ours = NOT_TYPED.contains(&name) || is_drawn_anew(name) || name.starts_with("was-");
    !is_ours && !value.trim().is_empty()
}

/// What somebody had typed.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct LeftForm {
    /// The page that holds the form, with its query.
    pub page: String,
    /// Where the form is sent.
    pub action: String,
    /// The fields, in their order, without token and what is not kept.
    pub pairs: Vec<(String, String)>,
    /// Whether something was typed that is not kept and has to be typed again.
    pub is_short: bool,
}

impl LeftForm {
    /// Reads a form as it was sent to `action` from `page`. Answers the token beside it; `None` when it is no
    /// form of ours, or nothing in it was typed.
    pub(crate) fn read(bytes: &[u8], page: String, action: String) -> Option<(LeftForm, String)> {
        if action.split('?').next() == Some("/sign-out") {
            return None;
        }
        let mut pairs = crate::form::pairs(bytes)?;
        let at = pairs.iter().position(|(name, _)| name == "csrf")?;
        let (_, token) = pairs.remove(at);
        let is_withheld = withheld(&pairs);
        let is_short = (pairs.iter()).any(|(name, value)| is_withheld(name) && !value.is_empty());
        pairs.retain(|(name, _)| !is_withheld(name));
        if !pairs.iter().any(|(name, value)| is_typed(name, value)) {
            return None;
        }
        let form = LeftForm {
            page,
            action,
            pairs,
            is_short,
        };
        Some((form, token))
    }
    /// What was typed, row by row.
    pub(crate) fn told(&self) -> Vec<String> {
        Typed::of(&self.pairs).over(&[])
    }
    fn count(&self, name: &str) -> usize {
        self.pairs.iter().filter(|(held, _)| held == name).count()
    }
}

/// Whether somebody asks to throw away what they had typed on this page.
pub(crate) fn is_thrown_away(query: &str) -> bool {
    query.split('&').any(|part| part == WITHOUT)
}

/// The page that a form was sent from: ours by its address, else where it was sent to.
pub(crate) fn page_of(referer: &str, host: &str, action: &str) -> String {
    let rest = referer.split_once("://").map_or("", |(_, rest)| rest);
    let path = rest.strip_prefix(host).filter(|_| !host.is_empty());
    let own = path.and_then(crate::frame::own_path).unwrap_or(action);
    page_at(own)
}

/// The address of a page as it is compared: path and query, for another query is another form.
pub fn page_at(address: &str) -> String {
    let own = address.split('#').next().unwrap_or(address);
    let (path, query) = own.split_once('?').unwrap_or((own, ""));
    let query: Vec<&str> = (query.split('&'))
        .filter(|part| !part.is_empty() && *part != WITHOUT)
        .filter(|part| part.split('=').next() != Some(crate::refused::NAME))
        .collect();
    match query.is_empty() {
        true => path.to_owned(),
        false => format!("{path}?{}", query.join("&")),
    }
}

/// What a control of a form is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Hidden,
    Text,
    Select,
    Box,
    Button,
    File,
}

/// One control of a form.
struct Control {
    name: String,
    kind: Kind,
    value: String,
    /// Values and words of a select.
    options: Vec<(String, String)>,
    /// Stands in a `<template>`: the form does not send it.
    is_pattern: bool,
}

fn kind_of(tag: &Tag) -> Option<Kind> {
    Some(match tag.name.as_str() {
        "input" => match tag.get("type").as_str() {
            "hidden" => Kind::Hidden,
            "checkbox" | "radio" => Kind::Box,
            "submit" | "button" | "image" | "reset" => Kind::Button,
            "file" | "password" => Kind::File,
            _ => Kind::Text,
        },
        "textarea" => Kind::Text,
        "select" => Kind::Select,
        "button" => Kind::Button,
        _ => return None,
    })
}

/// The value that a box sends when it is ticked.
fn box_value(tag: &Tag) -> String {
    let value = tag.get("value");
    if value.is_empty() {
        "on".to_owned()
    } else {
        value
    }
}

/// How far a tag opens or closes `<template>`.
fn pattern_step(html: &str, start: usize, tag: &Tag) -> isize {
    if tag.name == "template" {
        1
    } else if html[start..].starts_with("</template") {
        -1
    } else {
        0
    }
}

fn controls(form: &str) -> Vec<Control> {
    let mut controls: Vec<Control> = Vec::new();
    let mut depth = 0;
    for (start, end, tag) in tags(form) {
        depth += pattern_step(form, start, &tag);
        if let Some(kind) = kind_of(&tag) {
            controls.push(Control {
                name: tag.get("name"),
                kind,
                value: if kind == Kind::Box {
                    box_value(&tag)
                } else {
                    tag.get("value")
                },
                options: Vec::new(),
                is_pattern: depth > 0,
            });
        } else if tag.name == "option"
            && let Some(select) = controls.last_mut().filter(|held| held.kind == Kind::Select)
        {
            let word = form[end..].split('<').next().unwrap_or("");
            select
                .options
                .push((tag.get("value"), unescape(word.trim())));
        }
    }
    controls.retain(|control| !control.name.is_empty());
    controls
}

/// Where the forms that are sent to `action` stand.
fn forms_of(html: &str, action: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut open = None;
    let mut is_it = false;
    let is_there = |address: String| address.split('#').next() == Some(action);
    for (start, end, tag) in tags(html) {
        if tag.name == "form" {
            open = Some(end);
            is_it = is_there(tag.get("action")) && tag.get("method").eq_ignore_ascii_case("post");
        }
        // A tag that closes has its stroke before its name.
        if html[start..end].to_ascii_lowercase().starts_with("</form") {
            if let (Some(open), true) = (open, is_it) {
                found.push((open, start));
            }
            open = None;
        }
        is_it |= open.is_some() && is_there(tag.get("formaction"));
    }
    found
}

/// What the form of a page is to what was left.
struct Match {
    controls: Vec<Control>,
    /// Names whose fields are refilled.
    names: HashSet<String>,
}

impl Match {
    /// `None` when a hidden field says something else: it is not the form that was left, or was saved since.
    fn of(form: &str, left: &LeftForm) -> Option<Match> {
        let controls = controls(form);
        let mut held: HashMap<&str, Vec<&Control>> = HashMap::new();
        for control in controls.iter().filter(|control| !control.is_pattern) {
            held.entry(&control.name).or_default().push(control);
        }
        let counts = |name: &str, all: &[&Control]| (all.len(), left.count(name));
        let mut apart = HashSet::new();
        for (name, all) in &held {
            if is_drawn_anew(name) || all.iter().any(|control| control.kind != Kind::Hidden) {
                continue;
            }
            let ours = all.iter().map(|control| vietnamese::nfc(&control.value));
            let theirs = (left.pairs.iter()).filter(|(of, _)| of == name);
            if ours.eq(theirs.map(|(_, value)| value.clone())) {
                continue;
            }
            let counts = counts(name, all);
            if counts.0 == 1 && counts.1 < 2 {
                return None;
            }
            apart.insert(counts);
        }
        let fits = |name: &str, all: &[&Control]| {
            let is_box = all.iter().all(|control| control.kind == Kind::Box);
            let is_text = (all.iter()).all(|held| matches!(held.kind, Kind::Text | Kind::Select));
            let counts = counts(name, all);
            let values: HashSet<&str> = all.iter().map(|held| held.value.as_str()).collect();
            match is_box {
                // Boxes of one value in several rows do not say which row was ticked.
                true => values.len() == all.len(),
                false => is_text && counts.0 == counts.1 && !apart.contains(&counts),
            }
        };
        let names = (held.iter())
            .filter(|(name, all)| fits(name, all))
            .map(|(name, _)| (*name).to_owned())
            .collect();
        Some(Match { controls, names })
    }
}

/// What is still to be put into a field.
struct Typed<'a> {
    pairs: &'a [(String, String)],
    is_used: Vec<bool>,
}

impl<'a> Typed<'a> {
    fn of(pairs: &'a [(String, String)]) -> Self {
        Typed {
            pairs,
            is_used: vec![false; pairs.len()],
        }
    }
    /// The next value of this name, if it may stand there.
    fn next(&mut self, name: &str, may: impl Fn(&str) -> bool) -> Option<&'a str> {
        let mut all = (0..self.pairs.len()).filter(|at| self.pairs[*at].0 == name);
        let at = all.find(|at| !self.is_used[*at])?;
        let value = &self.pairs[at].1;
        if !may(value) {
            return None;
        }
        self.is_used[at] = true;
        Some(value)
    }
    fn has(&mut self, name: &str, value: &str) -> bool {
        let found = (self.pairs.iter()).position(|(held, typed)| held == name && typed == value);
        if let Some(at) = found {
            self.is_used[at] = true;
        }
        found.is_some()
    }
    /// What found no field, row by row, as a reader knows it.
    fn over(&self, controls: &[Control]) -> Vec<String> {
        let is_ours = |name: &str, value: &str| {
            let mut all = controls.iter().filter(|control| control.name == name);
            match controls.is_empty() {
                // Without the form, by the name alone.
                true => is_chosen(name) || (is_either(name) && is_our_word(value)),
                false => {
                    all.any(|held| matches!(held.kind, Kind::Hidden | Kind::Button | Kind::Box))
                }
            }
        };
        let mut rows: Vec<Vec<String>> = Vec::new();
        let mut seen: HashSet<&str> = HashSet::new();
        for (at, (name, value)) in self.pairs.iter().enumerate() {
            let stands_alone = (self.pairs.iter()).filter(|(held, _)| held == name).count() == 1;
            if rows.is_empty() || self.is_used[at] || stands_alone || seen.contains(name.as_str()) {
                rows.push(Vec::new());
                seen.clear();
            }
            seen.insert(name);
            if stands_alone {
                seen.extend(self.pairs.iter().map(|(name, _)| name.as_str())); // nothing joins it
            }
            let word = word_of(controls, name, value);
            let says_nothing = !is_typed(name, value) || is_ours(name, value) || is_id(&word);
            if !self.is_used[at] && !says_nothing {
                rows.last_mut()
                    .into_iter()
                    .for_each(|row| row.push(word.clone()));
            }
        }
        rows.retain(|row| !row.is_empty());
        rows.iter().map(|row| row.join(" · ")).collect()
    }
}

/// What a reader knows a value by: the word of the option that has it.
fn word_of(controls: &[Control], name: &str, value: &str) -> String {
    let mut options = (controls.iter())
        .filter(|control| control.name == name)
        .flat_map(|control| &control.options);
    let found = options.find(|(held, _)| held == value);
    found.map_or(value, |(_, word)| word).to_owned()
}

/// Fills the fields of one form.
fn fill_fields(form: &str, fit: &Match, typed: &mut Typed<'_>) -> String {
    let mut out = String::with_capacity(form.len());
    let mut done = 0;
    let mut depth = 0;
    let mut selects = (fit.controls.iter()).filter(|control| control.kind == Kind::Select);
    let mut chosen = None;
    let mut in_text = false;
    for (start, end, mut tag) in tags(form) {
        if in_text {
            // The old text of the field is passed over up to its end.
            if form[start..].starts_with("</textarea") {
                in_text = false;
                done = start;
            }
            continue;
        }
        depth += pattern_step(form, start, &tag);
        let name = tag.get("name");
        let select = (tag.name == "select" && !name.is_empty())
            .then(|| selects.next())
            .flatten();
        if tag.name == "select" {
            chosen = None;
        }
        let is_filled = tag.name == "option" || fit.names.contains(&name);
        if depth > 0 || !is_filled {
            continue;
        }
        match tag.name.as_str() {
            "input" if kind_of(&tag) == Some(Kind::Box) => {
                tag.remove("checked");
                if typed.has(&name, &box_value(&tag)) {
                    tag.set("checked", None);
                }
            }
            "input" => match typed.next(&name, |_| true) {
                Some(value) => tag.set("value", Some(value)),
                None => continue,
            },
            "select" => {
                let options = select.map(|select| &select.options[..]).unwrap_or_default();
                chosen = typed.next(&name, |value| options.iter().any(|(held, _)| held == value));
                continue;
            }
            "option" => match chosen {
                Some(chosen) => {
                    tag.remove("selected");
                    if tag.get("value") == chosen {
                        tag.set("selected", None);
                    }
                }
                None => continue,
            },
            "textarea" => {
                let Some(value) = typed.next(&name, |_| true) else {
                    continue;
                };
                out.push_str(&form[done..end]);
                out.push('\n'); // the first line break of the field is not part of it
                escape(value, &mut out);
                in_text = true;
                continue;
            }
            _ => continue,
        }
        out.push_str(&form[done..start]);
        tag.write(&mut out);
        done = end;
    }
    out.push_str(&form[done..]);
    out
}

/// What became of one form that was left.
struct Outcome {
    page: String,
    is_filled: bool,
    over: Vec<String>,
}

/// Fills the form of a page that this one is, if there is one.
fn put(page: &str, left: &LeftForm) -> Outcome {
    let mut typed = Typed::of(&left.pairs);
    let all = forms_of(page, &left.action);
    let fitting = (all.iter())
        .find_map(|(from, to)| Match::of(&page[*from..*to], left).map(|fit| (*from, *to, fit)));
    let Some((from, to, fit)) = fitting else {
        let first = all.first().map(|(from, to)| controls(&page[*from..*to]));
        return Outcome {
            page: page.to_owned(),
            is_filled: false,
            over: typed.over(&first.unwrap_or_default()),
        };
    };
    let filled = fill_fields(&page[from..to], &fit, &mut typed);
    let mut out = page.to_owned();
    out.replace_range(from..to, &filled);
    Outcome {
        page: out,
        is_filled: typed.is_used.contains(&true),
        over: typed.over(&fit.controls),
    }
}

/// The page with its forms filled as they were left, and a note that says so. What has no place beyond doubt
/// is listed in the note: nothing is lost.
pub(crate) fn fill(frame: &Frame, html: &str, lefts: &[LeftForm]) -> String {
    let mut page = html.to_owned();
    let mut notes = String::new();
    for left in lefts {
        let outcome = put(&page, left);
        page = outcome.page;
        if outcome.is_filled || !outcome.over.is_empty() {
            tell(frame, left, outcome.is_filled, &outcome.over, &mut notes);
        }
    }
    let main = tags(&page).find(|(_, _, tag)| tag.name == "main");
    if let (Some((_, end, _)), Some(first), false) = (main, lefts.first(), notes.is_empty()) {
        page.insert_str(end, &note(frame, &first.page, &notes));
    }
    page
}

fn tell(frame: &Frame, left: &LeftForm, is_filled: bool, over: &[String], note: &mut String) {
    let mut line = |open: &str, key: &str, close: &str| {
        note.push_str(open);
        escape(&frame.t(key), note);
        note.push_str(close);
    };
    match is_filled {
        true => line("<p><b>", "web-left-back", "</b></p>"),
        false => line("<p><b>", "web-left-apart", "</b></p>"),
    }
    if left.is_short {
        line("<p>", "web-left-again", "</p>");
    }
    if over.is_empty() {
        return;
    }
    if is_filled {
        line("<p>", "web-left-over", "</p>");
    }
    note.push_str("<ul>");
    for value in over {
        note.push_str("<li class=\"theirs\"><b>");
        escape(value, note);
        note.push_str("</b></li>");
    }
    note.push_str("</ul>");
}

fn note(frame: &Frame, page: &str, told: &str) -> String {
    let mut note =
        String::from("<div class=\"note\" data-is=\"info\" role=\"status\" id=\"left\"><div>");
    note.push_str(told);
    let join = if page.contains('?') { '&' } else { '?' };
    note.push_str("<p><a href=\"");
    escape(&format!("{page}{join}{WITHOUT}"), &mut note);
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
    fn left(typed: &[(&str, &str)]) -> LeftForm {
        LeftForm {
            page: "/p".into(),
            action: "/a".into(),
            pairs: pairs(typed),
            is_short: false,
        }
    }
    /// The form as it is drawn, and what is told beside it.
    fn filled(form: &str, typed: &[(&str, &str)]) -> (String, Vec<String>) {
        let open = "<form method=\"post\" action=\"/a\">";
        let outcome = put(&format!("{open}{form}</form>"), &left(typed));
        let page = outcome.page.strip_prefix(open).unwrap();
        (
            page.strip_suffix("</form>").unwrap().to_owned(),
            outcome.over,
        )
    }
    fn row(item: &str, title: &str) -> String {
        format!(
            "<li><input type=\"hidden\" name=\"item\" value=\"{item}\"><input name=\"title\" value=\"{title}\">\
             <input name=\"minutes\" value=\"5\"></li>"
        )
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
            "<input type=\"file\" name=\"photo\"><button name=\"do\" value=\"save\">L</button>",
        );
        let (html, over) = filled(
            form,
            &[
                ("version", "3"),
                ("title", "họp \"kín\" <1>"),
                ("text", "dòng 1\ndòng 2 </textarea>"),
                ("who", "b"),
                ("way", "x"),
                ("kind", "2"),
                ("do", "save"),
            ],
        );
        let wanted = concat!(
            "<input type=\"hidden\" name=\"csrf\" value=\"new\"><input type='hidden' name='version' value='3'>",
            "<p>a > b</p><input class=\"input\" name=\"title\" value=\"họp &quot;kín&quot; &lt;1&gt;\">",
            "<textarea class=\"input\" name=\"text\">\ndòng 1\ndòng 2 &lt;/textarea&gt;</textarea>",
            "<input type=\"checkbox\" name=\"who\" value=\"a\"><input type=\"checkbox\" name=\"who\" value=\"b\" checked>",
            "<input type=\"radio\" name=\"way\" value=\"x\" checked><input type=\"radio\" name=\"way\" value=\"y\">",
            "<select name=\"kind\"><option value=\"1\">m</option><option value=\"2\" selected>h</option></select>",
            "<input type=\"file\" name=\"photo\"><button name=\"do\" value=\"save\">L</button>",
        );
        assert_eq!(html, wanted);
        assert_eq!(over, Vec::<String>::new());
    }
    #[test]
    fn a_row_that_a_script_added_is_told_and_the_pattern_of_rows_stays_empty() {
        let form = format!(
            "<input name=\"place\" value=\"\">{}{}<template>{}</template>",
            row("1", "a"),
            row("2", "b"),
            row("", "")
        );
        let typed = [
            ("place", "Hội trường"),
            ("item", "1"),
            ("title", "a mới"),
            ("minutes", "5"),
            ("item", "2"),
            ("title", "b"),
            ("minutes", "5"),
            ("item", ""),
            ("title", "thêm"),
            ("minutes", "15"),
        ];
        let (html, over) = filled(&form, &typed);
        let place = "<input name=\"place\" value=\"Hội trường\">";
        assert_eq!(
            html,
            form.replacen("<input name=\"place\" value=\"\">", place, 1)
        );
        assert_eq!(over, ["a mới · 5", "b · 5", "thêm · 15"]);
    }
    #[test]
    fn rows_are_refilled_only_when_they_are_the_same_rows() {
        let form = row("1", "a") + &row("2", "b");
        let same = [("item", "1"), ("title", "x"), ("item", "2"), ("title", "y")];
        let (html, over) = filled(&form, &same);
        assert_eq!(html, row("1", "x") + &row("2", "y"));
        assert!(over.is_empty());
        // As many, but the first was removed and another added; turned round; one removed.
        for (other, told) in [
            (
                &[("item", "2"), ("title", "b"), ("item", ""), ("title", "c")][..],
                &["b", "c"][..],
            ),
            (
                &[("item", "2"), ("title", "b"), ("item", "1"), ("title", "a")],
                &["b", "a"],
            ),
            (&[("item", "2"), ("title", "b")], &["b"]),
        ] {
            let (html, over) = filled(&form, other);
            assert_eq!(html, form, "{other:?}");
            assert_eq!(over, told);
        }
    }
    #[test]
    fn a_pattern_takes_nothing_and_rows_of_another_number_neither() {
        let pattern = "<template><input name=\"t\" value=\"\"></template>";
        let one = |value: &str| format!("{pattern}<input name=\"t\" value=\"{value}\">");
        let (html, over) = filled(&one(""), &[("t", "x")]);
        assert_eq!(html, one("x"));
        assert!(over.is_empty());
        let (html, over) = filled(&one("a"), &[("t", "x"), ("t", "y")]);
        assert_eq!(html, one("a"));
        assert_eq!(over, ["x", "y"]);
    }
    #[test]
    fn a_hidden_field_is_never_written_and_decides_whether_it_is_the_same_form() {
        let form = "<input type=\"hidden\" name=\"unit\" value=\"to-4\"><input type=\"hidden\" name=\"once\" value=\"n\">\
            <input name=\"place\" value=\"p\"><select name=\"chair\"><option value=\"1\">Lan</option></select>";
        let typed = [
            ("unit", "to-3"),
            ("once", "o"),
            ("place", "nhà Lan"),
            ("chair", "1"),
        ];
        let (html, over) = filled(form, &typed);
        assert_eq!(html, form);
        assert_eq!(over, ["nhà Lan", "Lan"], "told as a reader knows it");
        let typed = [
            ("unit", "to-4"),
            ("once", "o"),
            ("place", "nhà Lan"),
            ("chair", "9"),
        ];
        let (html, over) = filled(form, &typed);
        assert_eq!(html, form.replace("\"p\"", "\"nhà Lan\""));
        assert_eq!(
            over,
            ["9"],
            "a choice that is gone is told, and the page keeps its own"
        );
    }
    #[test]
    fn of_two_forms_with_one_address_the_one_that_says_the_same_is_filled() {
        let one = |key: &str, value: &str| {
            format!(
                "<form method=\"post\" action=\"/a\"><input type=\"hidden\" name=\"key\" value=\"{key}\">\
                 <input name=\"v\" value=\"{value}\"></form>"
            )
        };
        let outcome = put(
            &(one("k1", "") + &one("k2", "")),
            &left(&[("key", "k2"), ("v", "x")]),
        );
        assert_eq!(outcome.page, one("k1", "") + &one("k2", "x"));
    }
    #[test]
    fn boxes_of_one_value_in_several_rows_are_left_as_the_page_has_them() {
        let form = "<input type=\"checkbox\" name=\"on\" value=\"1\"><input type=\"checkbox\" name=\"on\" value=\"1\">";
        assert_eq!(filled(form, &[("on", "1"), ("t", "x")]).0, form);
    }
    #[test]
    fn the_form_is_found_by_where_it_is_sent() {
        let html = "<form method=\"get\" action=\"/a\">1</form><form method=\"post\" action=\"/b?x=1&amp;y=2\">2</form>\
            <form method=\"post\" action=\"/c\">3<button formaction=\"/d#papers\"></form>";
        let inside = |action: &str| {
            let first = forms_of(html, action).first().copied();
            first.map(|(from, to)| &html[from..to])
        };
        assert_eq!(inside("/a"), None);
        assert_eq!(inside("/b?x=1&y=2"), Some("2"));
        assert_eq!(inside("/d"), Some("3<button formaction=\"/d#papers\">"));
    }
    #[test]
    fn tokens_passwords_and_sealed_numbers_are_not_kept() {
        let read = |body: &[u8], action: &str| LeftForm::read(body, "/p".into(), action.into());
        let body =
            b"csrf=abc&title=h%E1%BB%8Dp&password=x&old=y&new_password=z&card=1&citizen=0123";
        let (form, token) = read(body, "/a").unwrap();
        assert_eq!(token, "abc");
        assert_eq!(form.pairs, pairs(&[("title", "họp")]));
        assert!(form.is_short);
        assert!(!read(b"csrf=abc&title=x&card=", "/a").unwrap().0.is_short);
        assert!(read(b"title=x", "/a").is_none());
    }
    #[test]
    fn a_page_is_kept_without_passwords_and_sealed_numbers_and_takes_those_of_now() {
        let page = "<form><input name=\"name\" value=\"Hoa\"><p class=\"theirs\" id=\"t-card\">x <b>999</b></p>\
            <input type=\"hidden\" name=\"card\" value=\"123456\"><input type=\"password\" name=\"old\" value=\"bi mat\">\
            <input type=\"text\" name=\"new_password\" value=\"bi mat 2\"><textarea name=\"phone\">0901</textarea></form>";
        let sent = pairs(&[("name", "Hoa"), ("card", "123456"), ("old", "bi mat")]);
        let kept = emptied(page, &sent).unwrap();
        for gone in ["999", "123456", "bi mat", "0901"] {
            assert!(!kept.html.contains(gone), "{gone}: {}", kept.html);
        }
        assert!(kept.html.contains("Hoa"));
        // The page of now has another number: it is there, so that saving takes nothing away.
        let now = with_those_of(
            &kept,
            "<input name=\"card\" value=\"77\"><input name=\"name\" value=\"Lan\">",
        );
        assert!(now.contains("77") && now.contains("Hoa"), "{now}");
        // What stands elsewhere in the page too is not kept at all.
        assert!(emptied(&format!("<p>123456</p>{page}"), &sent).is_none());
        let wrong = pairs(&[("field", "phone"), ("value", "0901 234")]);
        let kept = emptied("<input name=\"value\" value=\"0901 234\">", &wrong).unwrap();
        assert!(!kept.html.contains("0901"));
        for (address, is) in [
            ("/activate", true),
            ("/activate/AB", true),
            ("/activated", false),
        ] {
            assert_eq!(is_of_slip(address), is, "{address}");
        }
    }
    #[test]
    fn a_sealed_number_that_is_said_to_be_wrong_is_not_kept_either() {
        let read = |body: &[u8]| LeftForm::read(body, "/p".into(), "/a".into()).map(|read| read.0);
        for field in ["card", "citizen"] {
            let body = format!("csrf=abc&field={field}&value=012345678901&reason=theo+the+moi");
            let form = read(body.as_bytes()).unwrap();
            let kept = [("field", field), ("reason", "theo the moi")];
            assert_eq!(form.pairs, pairs(&kept));
            assert!(form.is_short, "that it has to be typed again is said");
            assert!(form.told().iter().all(|line| !line.contains("0123")));
        }
        let form = read(b"csrf=abc&field=name&value=Hoa&reason=x").unwrap();
        assert_eq!(form.told(), ["Hoa", "x"], "the place was chosen, not typed");
    }
    #[test]
    fn what_was_chosen_is_not_told_where_the_form_is_not_known() {
        let told = |body: &[u8]| {
            LeftForm::read(body, "/p".into(), "/a".into())
                .map_or_else(Vec::new, |(form, _)| form.told())
        };
        let plan = b"csrf=a&kind=regular&template=regular-general&date=05/12&place=Nh%C3%A0+b%C3%A0+Lan&item=&title=Vi%E1%BB%87c";
        assert_eq!(told(plan), ["05/12", "Nhà bà Lan", "Việc"]);
        assert_eq!(told(b"csrf=a&do=approve&basis=official&reason=ok"), ["ok"]);
        let record = b"csrf=a&name=Hoa&sex=male&status=full&exempt=1&phoneless=1&residence=Vinh";
        assert_eq!(told(record), ["Hoa", "Vinh"], "no word of ours");
        assert_eq!(
            told(b"csrf=a&present=lan&absence-lan=excused"),
            Vec::<String>::new()
        );
        assert_eq!(told(b"csrf=a&name=Hoa&answer=no"), ["Hoa"]);
    }
    #[test]
    fn what_nobody_typed_is_not_kept() {
        let read = |body: &[u8], action: &str| LeftForm::read(body, "/p".into(), action.into());
        for body in [
            &b"csrf=abc"[..],
            b"csrf=abc&do=save&version=3&once=x&task_once=y&was-1=4",
            b"csrf=abc&title=+&do=call",
            b"csrf=abc&old=a&new_password=b",
        ] {
            assert!(
                read(body, "/a").is_none(),
                "{}",
                String::from_utf8_lossy(body)
            );
        }
        assert!(read(b"csrf=abc&text=x", "/sign-out").is_none());
        assert!(read(b"csrf=abc&text=x", "/a").is_some());
    }
    #[test]
    fn the_page_is_ours_or_where_the_form_is_sent() {
        let page = |referer: &str| page_of(referer, "a.vn", "/act");
        assert_eq!(page("https://a.vn/meetings/1?tab=2"), "/meetings/1?tab=2");
        assert_eq!(page("https://a.vn/notes?left=no"), "/notes");
        assert_eq!(page("https://a.vn/new?unit=1&refused=AB"), "/new?unit=1");
        assert_eq!(page_at("/notes?unit=3&left=no#x"), "/notes?unit=3");
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
