//! A PDF whose table of objects is damaged or cut off, with a table made anew.
//!
//! Objects are found by how they begin (`12 0 obj`); the last one of a number counts, as in a file that was added to.
//! Not here: encrypted files (their table says how to open them), damage inside objects. Surprise: objects packed in
//! streams need no line of the new table, the reader unpacks every such stream.

use std::collections::BTreeMap;
use std::io::Write;

/// A number of an object beyond which nobody counts; it keeps the new table small.
const HIGHEST: u32 = 8_000_000;

/// The file with a new table behind it; None where no catalog is named or the file is encrypted.
pub(super) fn rebuilt(bytes: &[u8]) -> Option<Vec<u8>> {
    let start = find(bytes, b"%PDF-")?;
    let bytes = bytes.get(start..)?;
    if find(bytes, b"/Encrypt").is_some() {
        return None;
    }
    let objects = objects(bytes);
    // The catalog that is named last and is there; else the last one that says of itself what it is.
    let root = named_last(bytes, b"/Root", &objects).or_else(|| catalog(bytes, &objects))?;
    let mut out = bytes.to_vec();
    out.push(b'\n');
    let table = out.len();
    out.extend_from_slice(b"xref\n0 1\n0000000000 65535 f \n");
    for (number, (generation, at)) in &objects {
        writeln!(out, "{number} 1\n{at:010} {generation:05} n ").ok()?; // memory is always writable
    }
    let size = objects.keys().last().map_or(1, |last| last + 1);
    write!(
        out,
        "trailer\n<< /Size {size} /Root {} {} R",
        root.0, root.1
    )
    .ok()?; // as above
    if let Some(info) = named_last(bytes, b"/Info", &objects) {
        write!(out, " /Info {} {} R", info.0, info.1).ok()?; // as above
    }
    write!(out, " >>\nstartxref\n{table}\n%%EOF\n").ok()?; // as above
    Some(out)
}

fn find(bytes: &[u8], word: &[u8]) -> Option<usize> {
    bytes.windows(word.len()).position(|at| at == word)
}

/// Where each object begins, the last one of a number: number → generation and place.
fn objects(bytes: &[u8]) -> BTreeMap<u32, (u16, usize)> {
    let mut found = BTreeMap::new();
    for at in memmem(bytes, b"obj") {
        let is_end = bytes.get(at + 3).is_none_or(|b| !b.is_ascii_alphanumeric());
        if let Some((number, generation, start)) = head(bytes, at).filter(|_| is_end) {
            found.insert(number, (generation, start));
        }
    }
    found
}

/// The two numbers before `obj` at this place, and where they begin.
fn head(bytes: &[u8], at: usize) -> Option<(u32, u16, usize)> {
    let (generation, before) = number_before(bytes, at)?;
    let (number, start) = number_before(bytes, before)?;
    let begins = start == 0 || bytes.get(start - 1).is_some_and(|b| !b.is_ascii_digit());
    let number = u32::try_from(number).ok()?; // no number of an object
    let generation = u16::try_from(generation).ok()?; // as above
    (begins && number > 0 && number <= HIGHEST).then_some((number, generation, start))
}

/// The number that ends before this place, with white space between, and where it begins.
fn number_before(bytes: &[u8], at: usize) -> Option<(u64, usize)> {
    let mut end = at;
    while end > 0 && at - end < 8 && bytes.get(end - 1).is_some_and(u8::is_ascii_whitespace) {
        end -= 1;
    }
    let mut start = end;
    while start > 0 && end - start < 10 && bytes.get(start - 1).is_some_and(u8::is_ascii_digit) {
        start -= 1;
    }
    let digits = bytes.get(start..end).filter(|_| end < at && start < end)?;
    let number = std::str::from_utf8(digits).ok()?.parse().ok()?; // digits, so both go well
    Some((number, start))
}

/// What a name points to where it stands last: `/Root 1 0 R`.
fn named_last(
    bytes: &[u8],
    name: &[u8],
    objects: &BTreeMap<u32, (u16, usize)>,
) -> Option<(u32, u16)> {
    let places: Vec<usize> = memmem(bytes, name).collect();
    places.into_iter().rev().find_map(|at| {
        let rest = bytes.get(at + name.len()..)?;
        let rest = std::str::from_utf8(
            rest.get(..rest.len().min(24))?
                .split(|b| *b == b'R')
                .next()?,
        );
        let mut words = rest.ok()?.split_ascii_whitespace(); // bytes that are no text are no reference
        let number: u32 = words.next()?.parse().ok()?; // as above
        let generation: u16 = words.next()?.parse().ok()?; // as above
        objects
            .contains_key(&number)
            .then_some((number, generation))
    })
}

/// The last object that says `/Type /Catalog`.
fn catalog(bytes: &[u8], objects: &BTreeMap<u32, (u16, usize)>) -> Option<(u32, u16)> {
    let at = memmem(bytes, b"/Catalog").last()?;
    let before = objects.iter().filter(|(_, (_, start))| *start < at);
    let (number, (generation, _)) = before.max_by_key(|(_, (_, start))| *start)?;
    Some((*number, *generation))
}

fn memmem<'a>(bytes: &'a [u8], word: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
    let windows = bytes.windows(word.len()).enumerate();
    windows.filter_map(move |(at, window)| (window == word).then_some(at))
}
