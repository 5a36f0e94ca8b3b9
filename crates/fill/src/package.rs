//! The archive of an office file: opened within limits, written back with what did not change
//! copied as it was packed.
//!
//! Not here: meaning of parts (`word`, `book`). `files` opens archives too, but copies nothing raw; of it
//! only what a link reaches is asked here. Surprise: every
//! entry is inflated once and thrown away, so that a bomb in a picture is not handed on to the
//! people who open the paper.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Read, Write};

use zip::{ZipArchive, ZipWriter};

use files::office::reaches_out;

use crate::Trouble;
use crate::xml::{Kind, Xml};

/// How much a template may hold, and a filled file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Limits {
    /// Bytes of the template.
    pub packed_bytes: u64,
    /// Number of entries.
    pub entries: usize,
    /// Inflated bytes of one part that is read for fields.
    pub part_bytes: u64,
    /// Inflated bytes of all entries, and of one filled part.
    pub total_bytes: u64,
    /// Inflated bytes for one packed byte, above 4 MiB.
    pub ratio: u64,
}

impl Default for Limits {
    /// 32 MiB packed, 4,000 entries, 32 MiB a part, 256 MiB in all, 200 to 1.
    fn default() -> Limits {
        Limits {
            packed_bytes: 32 << 20,
            entries: 4_000,
            part_bytes: 32 << 20,
            total_bytes: 256 << 20,
            ratio: 200,
        }
    }
}

/// Below this size a high ratio is honest: an empty table packs a thousand to one.
const RATIO_FROM_BYTES: u64 = 4 << 20;

/// A relationship from one part to another, or to the world outside.
#[derive(Debug, Clone)]
pub(crate) struct Link {
    pub(crate) id: String,
    /// The last word of its type, such as `worksheet`.
    pub(crate) kind: String,
    /// The name of the part, resolved.
    pub(crate) target: String,
}

#[derive(Debug)]
pub(crate) struct Package {
    bytes: Vec<u8>,
    pub(crate) limits: Limits,
    names: Vec<String>,
    types: BTreeMap<String, String>,
}

fn broken(e: impl std::fmt::Display) -> Trouble {
    Trouble::Broken(e.to_string())
}

/// Absolute, upward, with a drive, a backslash or a NUL.
fn leads_outside(name: &str) -> bool {
    name.is_empty()
        || name.starts_with('/')
        || name.contains(['\\', '\0', ':'])
        || name.split('/').any(|part| part == "..")
}

impl Package {
    /// Opens an archive and looks at everything that could harm.
    ///
    /// # Errors
    /// See [`Trouble`]; nothing is read past the limits.
    pub(crate) fn open(bytes: Vec<u8>, limits: Limits) -> Result<Package, Trouble> {
        if bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
            return Err(Trouble::OldOrLocked);
        }
        if bytes.len() as u64 > limits.packed_bytes {
            return Err(Trouble::TooBig("the file".to_owned()));
        }
        let mut zip = ZipArchive::new(Cursor::new(bytes.as_slice())).map_err(broken)?;
        if zip.len() > limits.entries {
            return Err(Trouble::TooBig(format!("a list of {} entries", zip.len())));
        }
        if zip.offset() != 0 || zip.has_overlapping_files().map_err(broken)? {
            return Err(Trouble::Broken("entries overlap".to_owned()));
        }
        if zip.has_duplicate_names() {
            return Err(Trouble::UnsafeName("a name stands twice".to_owned()));
        }
        let mut names = Vec::with_capacity(zip.len());
        let mut seen = BTreeSet::new();
        let mut left = limits.total_bytes;
        for index in 0..zip.len() {
            let file = zip.by_index_raw(index).map_err(broken)?;
            let name = std::str::from_utf8(file.name_raw())
                .map_err(|_| Trouble::UnsafeName("not UTF-8".to_owned()))?
                .to_owned();
            if file.encrypted() {
                return Err(Trouble::OldOrLocked);
            }
            // Part names are equal whatever their case, so two readers could see two papers.
            if leads_outside(&name) || file.is_symlink() || !seen.insert(name.to_lowercase()) {
                return Err(Trouble::UnsafeName(name));
            }
            let packed = file.compressed_size().max(1);
            drop(file);
            left -= inflate(&mut zip, index, &name, packed, left, &limits, None)?;
            names.push(name);
        }
        drop(zip);
        let mut package = Package {
            bytes,
            limits,
            names,
            types: BTreeMap::new(),
        };
        package.read_types()?;
        package.look_for_macros_and_links()?;
        Ok(package)
    }

    pub(crate) fn find(&self, name: &str) -> Option<&str> {
        self.names
            .iter()
            .find(|own| own.eq_ignore_ascii_case(name))
            .map(String::as_str)
    }

    /// The inflated bytes of an entry, within the limit for parts that are read.
    pub(crate) fn read(&self, name: &str) -> Result<Vec<u8>, Trouble> {
        let mut zip = ZipArchive::new(Cursor::new(self.bytes.as_slice())).map_err(broken)?;
        let index = self
            .names
            .iter()
            .position(|own| own.eq_ignore_ascii_case(name))
            .ok_or_else(|| Trouble::Broken(format!("{name} is missing")))?;
        let mut out = Vec::new();
        let room = self.limits.part_bytes;
        inflate(&mut zip, index, name, 1, room, &self.limits, Some(&mut out))?;
        Ok(out)
    }

    pub(crate) fn xml(&self, name: &str) -> Result<Xml, Trouble> {
        Xml::read(name, self.read(name)?)
    }

    fn read_types(&mut self) -> Result<(), Trouble> {
        let wrong = || Trouble::WrongKind("no list of content types".to_owned());
        let name = self.find("[Content_Types].xml").ok_or_else(wrong)?;
        let xml = self.xml(name)?;
        let mut by_ending = BTreeMap::new();
        for token in &xml.tokens {
            if !matches!(token.kind, Kind::Start | Kind::Empty) {
                continue;
            }
            let Some(kind) = xml.value(*token, "ContentType") else {
                continue;
            };
            if let Some(ending) = xml.value(*token, "Extension") {
                by_ending.insert(ending.to_lowercase(), kind);
            } else if let Some(part) = xml.value(*token, "PartName") {
                self.types
                    .insert(part.trim_start_matches('/').to_lowercase(), kind);
            }
        }
        for name in &self.names {
            let ending = name.rsplit_once('.').map_or("", |(_, e)| e).to_lowercase();
            if let Some(kind) = by_ending.get(&ending) {
                self.types
                    .entry(name.to_lowercase())
                    .or_insert_with(|| kind.clone());
            }
        }
        Ok(())
    }

    /// The content type of a part; empty when the file does not say.
    pub(crate) fn kind(&self, name: &str) -> &str {
        self.types.get(&name.to_lowercase()).map_or("", |k| k)
    }

    /// Parts whose content type ends so, in the order of the archive.
    pub(crate) fn of_kind(&self, ending: &str) -> Vec<String> {
        self.names
            .iter()
            .filter(|name| self.kind(name).ends_with(ending))
            .cloned()
            .collect()
    }

    fn look_for_macros_and_links(&self) -> Result<(), Trouble> {
        for name in &self.names {
            let kind = self.kind(name).to_lowercase();
            let lower = name.to_lowercase();
            if kind.contains("macroenabled")
                || kind.contains("vbaproject")
                || kind.contains("macrosheet")
                || kind.contains("activex")
                || lower.ends_with("vbaproject.bin")
            {
                return Err(Trouble::Macros(name.clone()));
            }
            if !lower.ends_with(".rels") {
                continue;
            }
            let xml = self.xml(name)?;
            for token in &xml.tokens {
                if !matches!(token.kind, Kind::Start | Kind::Empty)
                    || xml.value(*token, "TargetMode").as_deref() != Some("External")
                {
                    continue;
                }
                let kind = xml.value(*token, "Type").unwrap_or_default();
                let target = xml.value(*token, "Target").unwrap_or_default();
                if !kind.ends_with("/hyperlink") && reaches_out(&target) {
                    return Err(Trouble::ExternalLink {
                        part: name.clone(),
                        target,
                    });
                }
            }
        }
        Ok(())
    }

    /// The relationships of a part to other parts of the file.
    pub(crate) fn links(&self, part: &str) -> Result<Vec<Link>, Trouble> {
        let Some(rels) = self.find(&rels_name(part)) else {
            return Ok(Vec::new());
        };
        let xml = self.xml(rels)?;
        let folder = part.rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut out = Vec::new();
        for token in &xml.tokens {
            if !matches!(token.kind, Kind::Start | Kind::Empty)
                || xml.local(*token) != "Relationship"
                || xml.value(*token, "TargetMode").as_deref() == Some("External")
            {
                continue;
            }
            let kind = xml.value(*token, "Type").unwrap_or_default();
            out.push(Link {
                id: xml.value(*token, "Id").unwrap_or_default(),
                kind: kind.rsplit('/').next().unwrap_or_default().to_owned(),
                target: resolve(folder, &xml.value(*token, "Target").unwrap_or_default()),
            });
        }
        Ok(out)
    }

    /// Writes the archive again: changed parts packed anew, dropped ones left out, all others
    /// copied as they were packed, in the same order.
    pub(crate) fn write(
        &self,
        changed: &BTreeMap<String, String>,
        dropped: &BTreeSet<String>,
    ) -> Result<Vec<u8>, Trouble> {
        let mut zip = ZipArchive::new(Cursor::new(self.bytes.as_slice())).map_err(broken)?;
        let mut out = ZipWriter::new(Cursor::new(Vec::with_capacity(self.bytes.len())));
        out.set_raw_comment(zip.comment().into()).map_err(broken)?;
        for (index, name) in self.names.iter().enumerate() {
            if dropped.contains(name) {
                continue;
            }
            let file = zip.by_index_raw(index).map_err(broken)?;
            match changed.get(name) {
                Some(text) => {
                    if text.len() as u64 > self.limits.total_bytes {
                        return Err(Trouble::TooBig(name.clone()));
                    }
                    let options = file.options();
                    drop(file);
                    out.start_file(name.as_str(), options).map_err(broken)?;
                    out.write_all(text.as_bytes()).map_err(broken)?;
                }
                None => out.raw_copy_file(file).map_err(broken)?,
            }
        }
        Ok(out.finish().map_err(broken)?.into_inner())
    }
}

/// The name of the part that holds the relationships of a part.
pub(crate) fn rels_name(part: &str) -> String {
    let (folder, file) = part.rsplit_once('/').unwrap_or(("", part));
    let slash = if folder.is_empty() { "" } else { "/" };
    format!("{folder}{slash}_rels/{file}.rels")
}

/// A target relative to the folder of its source, as the name of an entry.
fn resolve(folder: &str, target: &str) -> String {
    let mut parts: Vec<&str> = match target.starts_with('/') {
        true => Vec::new(),
        false => folder.split('/').filter(|p| !p.is_empty()).collect(),
    };
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

fn inflate(
    zip: &mut ZipArchive<Cursor<&[u8]>>,
    index: usize,
    name: &str,
    packed: u64,
    room: u64,
    limits: &Limits,
    mut keep: Option<&mut Vec<u8>>,
) -> Result<u64, Trouble> {
    let mut file = zip.by_index(index).map_err(broken)?;
    let mut piece = vec![0_u8; 64 << 10];
    let mut length: u64 = 0;
    loop {
        let n = file
            .read(&mut piece)
            .map_err(|e| Trouble::Broken(format!("{name}: {e}")))?;
        if n == 0 {
            return Ok(length);
        }
        length += n as u64;
        // A second reading (`keep`) was weighed the first time.
        if keep.is_none() && length > RATIO_FROM_BYTES && length / packed > limits.ratio {
            return Err(Trouble::Bomb(name.to_owned()));
        }
        if length > room {
            return Err(Trouble::TooBig(name.to_owned()));
        }
        if let Some(keep) = keep.as_deref_mut() {
            keep.extend_from_slice(piece.get(..n).unwrap_or_default());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_found_from_their_folder() {
        assert_eq!(
            resolve("xl", "worksheets/sheet1.xml"),
            "xl/worksheets/sheet1.xml"
        );
        assert_eq!(
            resolve("xl/worksheets", "../tables/t.xml"),
            "xl/tables/t.xml"
        );
        assert_eq!(resolve("xl", "/xl/styles.xml"), "xl/styles.xml");
        assert_eq!(resolve("", "../../etc"), "etc");
    }
}
