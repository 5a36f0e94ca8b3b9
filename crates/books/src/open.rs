//! Opening a book: the order in which its parts are read and what each flaw costs.
//!
//! Archive, container, package, spine, sections, contents, resources. A flaw that leaves
//! something to read becomes a warning; only a book that cannot be read, or that endangers
//! whoever reads it, is refused. Runs in a worker process, so it may take its time but
//! keeps one file in memory at once (and the cleaned text of all).

use std::collections::HashMap;
use std::io::Write;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::archive::{Archive, EntryTrouble, warning};
use crate::book::{Book, Layout, PageEntry, Resource, Section, TocEntry, Warning};
use crate::clean::{self, Cleaned, Target, Targets};
use crate::dom::{Dom, NodeId};
use crate::language::Letters;
use crate::names::{self, address, tidy};
use crate::navigation::{Line, from_nav, from_ncx};
use crate::package::{Item, Package, encrypted, is_page, rootfiles};
use crate::{Limits, Refused, html, text, xml};

/// Opens a book and reads all of it, writing nothing.
///
/// # Errors
/// [`Refused`], when nothing can be read or a limit is passed.
pub fn open(path: &Path, limits: &Limits) -> Result<Book, Refused> {
    read(path, None, limits)
}

/// Opens a book and writes its resources into `out_dir`, under names of our own
/// ([`Resource::path`]). On refusal files may be left behind; the folder is the caller's.
///
/// # Errors
/// As [`open`], and [`Refused::NotWritten`].
pub fn unpack(path: &Path, out_dir: &Path, limits: &Limits) -> Result<Book, Refused> {
    read(path, Some(out_dir), limits)
}

/// Adds the job `books.open`: unpacks `input` into `out_dir` and returns the [`Book`] as
/// JSON. Arguments are [`Limits`], all optional.
pub fn register(jobs: &mut files::Jobs) {
    jobs.add("books.open", |input, out_dir, args| {
        let limits = match args {
            serde_json::Value::Object(_) => {
                serde_json::from_value(args.clone()).map_err(|error| {
                    files::JobTrouble::new("books.open.arguments", error.to_string())
                })?
            }
            _ => Limits::default(),
        };
        let book = unpack(input, out_dir, &limits)
            .map_err(|refused| files::JobTrouble::new(refused.key(), refused.to_string()))?;
        serde_json::to_value(book)
            .map_err(|error| files::JobTrouble::new("books.open.result", error.to_string()))
    });
}

const EPUB: &str = "application/epub+zip";

fn read(path: &Path, out_dir: Option<&Path>, limits: &Limits) -> Result<Book, Refused> {
    let mut warnings = Vec::new();
    let archive = Archive::open(path, limits, &mut warnings)?;
    let mut reader = Reader {
        archive,
        limits,
        warnings,
        out_dir,
    };
    let kind = reader.check_mimetype()?;
    let (package, package_path) = reader.package(kind)?;
    let mut book = reader.book(&package, &package_path)?;
    if book.title.is_empty() {
        reader.warn("package.no_title", &package_path);
        book.title = path
            .file_stem()
            .map(|stem| tidy(&stem.to_string_lossy()))
            .filter(|stem| !stem.is_empty())
            .unwrap_or_else(|| "?".to_owned());
    }
    book.warnings = reader.warnings;
    Ok(book)
}

struct Reader<'a> {
    archive: Archive,
    limits: &'a Limits,
    warnings: Vec<Warning>,
    out_dir: Option<&'a Path>,
}

/// Which path is which section or resource; answers the cleaner's questions.
struct Places {
    sections: HashMap<String, usize>,
    resources: HashMap<String, (String, bool)>,
}

impl Targets for Places {
    fn link(&self, path: &str) -> Option<Target> {
        if let Some(index) = self.sections.get(path) {
            return Some(Target::Section(*index));
        }
        let (id, served) = self.resources.get(path)?;
        served.then(|| Target::Resource(id.clone()))
    }

    fn picture(&self, path: &str) -> Option<String> {
        let (id, served) = self.resources.get(path)?;
        served.then(|| id.clone())
    }
}

/// Warnings of one book that are kept; a broken book could have one per element.
const WARNINGS: usize = 200;

impl Reader<'_> {
    fn warn(&mut self, key: &str, detail: &str) {
        if self.warnings.len() < WARNINGS {
            self.warnings.push(warning(key, detail));
        }
    }

    /// Reads a text file; missing and broken are `None`, limits of the book end it.
    fn bytes(&mut self, path: &str) -> Result<Option<Vec<u8>>, Refused> {
        match self.archive.read(path, self.limits.markup_bytes) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(EntryTrouble::Missing) => Ok(None),
            Err(EntryTrouble::Damaged(why)) => {
                self.warn("archive.damaged_entry", &format!("{path}: {why}"));
                Ok(None)
            }
            Err(EntryTrouble::Stop(refused)) => Err(refused),
        }
    }

    /// Reads a structural XML file, forgiving what can be forgiven.
    fn tree(&mut self, path: &str) -> Result<Result<Dom, String>, Refused> {
        let Some(bytes) = self.bytes(path)? else {
            return Ok(Err(format!("{path} is missing or damaged")));
        };
        let (markup, _) = names::decoded(&bytes);
        let read = xml::parse(&markup, self.limits).or_else(|trouble| {
            let mended = names::with_whole_entities(&markup);
            match mended {
                Some(mended) => xml::parse(&mended, self.limits),
                None => Err(trouble),
            }
        });
        Ok(read.map_err(|trouble| match trouble {
            xml::XmlTrouble::IllFormed(why) => format!("{path}: {why}"),
            xml::XmlTrouble::TooLarge => format!("{path} is too large or too deep"),
        }))
    }

    /// The media type that the archive declares, unless it is the right one.
    fn check_mimetype(&mut self) -> Result<Option<String>, Refused> {
        if self.archive.first_name() != Some("mimetype") {
            self.warn("archive.mimetype_not_first", "");
        }
        let Some(bytes) = self.bytes("mimetype")? else {
            return Ok(None);
        };
        let declared =
            String::from_utf8_lossy(bytes.get(..bytes.len().min(100)).unwrap_or_default())
                .trim_start_matches('\u{feff}')
                .trim()
                .to_owned();
        if declared == EPUB {
            return Ok(None);
        }
        self.warn("archive.mimetype", &declared);
        Ok(Some(declared))
    }

    fn package(&mut self, kind: Option<String>) -> Result<(Package, String), Refused> {
        const CONTAINER: &str = "META-INF/container.xml";
        let container = match self.tree(CONTAINER)? {
            Ok(dom) => dom,
            Err(detail) => {
                return Err(match kind {
                    Some(detail) if !detail.is_empty() => Refused::NotAnEpub { detail },
                    _ => Refused::NoContainer { detail },
                });
            }
        };
        let candidates = rootfiles(&container);
        if candidates.is_empty() {
            let detail = "it names no package".to_owned();
            return Err(Refused::NoContainer { detail });
        }
        if candidates.len() > 1 {
            self.warn("container.several_packages", &candidates.join(", "));
        }
        let mut trouble = String::new();
        for path in candidates.iter().take(8) {
            match self.tree(path)? {
                Ok(dom) => match Package::read(&dom, path) {
                    Some(package) if !package.spine.is_empty() => {
                        return Ok((package, path.clone()));
                    }
                    Some(_) => trouble = format!("{path} has an empty spine"),
                    None => trouble = format!("{path} is not a package document"),
                },
                Err(why) => trouble = why,
            }
        }
        Err(Refused::NoPackage {
            detail: crate::refused::shown(&trouble),
        })
    }

    fn book(&mut self, package: &Package, package_path: &str) -> Result<Book, Refused> {
        if package.spine.len() > self.limits.sections {
            return Err(Refused::TooLarge {
                what: "sections".to_owned(),
                limit: self.limits.sections as u64,
            });
        }
        let spine = self.spine(package);
        self.check_encryption(&spine)?;
        let mut sections = HashMap::new();
        for (index, item) in spine.iter().enumerate() {
            if let Some(item) = item {
                sections.entry(self.real(&item.href)).or_insert(index);
            }
        }
        let resources = self.resources(package, package_path, &sections)?;
        let places = Places {
            sections,
            resources: resources
                .iter()
                .map(|r| (r.href.clone(), (r.id.clone(), r.served)))
                .collect(),
        };
        let mut book = Book {
            identifier: package.identifier.clone(),
            title: package.title.clone(),
            subtitle: package.subtitle.clone(),
            creators: package.creators.clone(),
            publisher: package.publisher.clone(),
            language: package.language.clone(),
            published: package.published.clone(),
            subjects: package.subjects.clone(),
            rights: package.rights.clone(),
            source: package.source.clone(),
            accessibility: package.accessibility.clone(),
            direction: package.direction,
            version: package.version,
            ..Book::default()
        };
        // Descriptions hold escaped HTML more often than not.
        book.description = package.description.as_deref().map(|description| {
            if description.contains('<') {
                let (dom, _) = html::parse(description, self.limits);
                text::plain(&dom, clean::body_of(&dom))
            } else {
                description.to_owned()
            }
        });
        let fixed = package
            .spine
            .iter()
            .filter(|line| line.fixed == Some(true))
            .count();
        book.layout = if package.layout == Layout::Fixed || fixed * 2 > package.spine.len() {
            Layout::Fixed
        } else {
            Layout::Reflowable
        };
        let headings = self.sections(&mut book, package, &spine, &places)?;
        self.contents(&mut book, package, &places, headings)?;
        book.cover = self.cover(package, &spine, &places)?;
        book.resources = resources;
        Ok(book)
    }

    /// The archive's own spelling of a path; the path itself when there is no such file.
    fn real(&self, path: &str) -> String {
        self.archive.real_name(path).unwrap_or(path).to_owned()
    }

    /// One item for each line of the spine, by fallback where the item itself is no page.
    fn spine(&mut self, package: &Package) -> Vec<Option<Item>> {
        let mut out = Vec::new();
        for line in &package.spine {
            let Some(item) = package.page(&line.idref) else {
                self.warn("spine.unknown_item", &line.idref);
                out.push(None);
                continue;
            };
            let mut at = item;
            for _ in 0..8 {
                if is_page(&at.media_type) {
                    break;
                }
                match at.fallback.as_deref().and_then(|id| package.item(id)) {
                    Some(next) => at = next,
                    None => break,
                }
            }
            if !is_page(&at.media_type) {
                self.warn(
                    "spine.foreign_item",
                    &format!("{} {}", item.href, item.media_type),
                );
            }
            out.push(Some(at.clone()));
        }
        out
    }

    fn check_encryption(&mut self, spine: &[Option<Item>]) -> Result<(), Refused> {
        const ENCRYPTION: &str = "META-INF/encryption.xml";
        if self.archive.real_name(ENCRYPTION).is_none() {
            return Ok(());
        }
        match self.tree(ENCRYPTION)? {
            Ok(dom) => {
                let locked = encrypted(&dom);
                for item in spine
                    .iter()
                    .flatten()
                    .filter(|item| locked.contains(&item.href))
                {
                    // Some books only say so: what reads as XML is under no key.
                    if self.tree(&item.href)?.is_err() {
                        return Err(Refused::Encrypted);
                    }
                    self.warn("archive.encryption", &item.href);
                }
            }
            Err(why) => self.warn("archive.encryption", &why),
        }
        Ok(())
    }

    fn sections(
        &mut self,
        book: &mut Book,
        package: &Package,
        spine: &[Option<Item>],
        places: &Places,
    ) -> Result<Vec<Heading>, Refused> {
        let mut letters = Letters::default();
        let mut headings = Vec::new();
        let mut html_bytes = 0_u64;
        let mut readable = false;
        for (index, (item, line)) in spine.iter().zip(&package.spine).enumerate() {
            let mut section = Section {
                linear: line.linear,
                ..Section::default()
            };
            if let Some(item) = item {
                section.href = self.real(&item.href);
                if let Some((dom, cleaned)) = self.section(item, places)? {
                    readable = readable || !cleaned.html.is_empty();
                    html_bytes += (cleaned.html.len() + cleaned.text.len()) as u64;
                    if html_bytes > self.limits.html_bytes {
                        return Err(Refused::TooLarge {
                            what: "html_bytes".to_owned(),
                            limit: self.limits.html_bytes,
                        });
                    }
                    let first = headings.len();
                    if headings.len() < self.limits.toc_entries {
                        headings.extend(headings_of(&dom, index));
                    }
                    section.title = headings
                        .get(first)
                        .map(|heading| heading.title.clone())
                        .or_else(|| title_of(&dom));
                    let body = clean::body_of(&dom);
                    section.language = dom
                        .attr(body, "lang")
                        .or_else(|| dom.attr(body, "xml:lang"))
                        .map(|tag| tag.chars().take(35).collect());
                    section.direction = dom
                        .attr(body, "dir")
                        .filter(|dir| matches!(*dir, "ltr" | "rtl"))
                        .map(str::to_owned);
                    section.words = text::words(&cleaned.text);
                    book.words += section.words;
                    book.characters += text::characters(&cleaned.text);
                    letters.add(&cleaned.text);
                    section.html = cleaned.html;
                    section.text = cleaned.text;
                    section.anchors = cleaned.anchors;
                }
            }
            book.sections.push(section);
        }
        if !readable {
            return Err(Refused::NothingToRead);
        }
        book.detected_language = letters.language();
        Ok(headings)
    }

    fn section(&mut self, item: &Item, places: &Places) -> Result<Option<(Dom, Cleaned)>, Refused> {
        if item.remote {
            self.warn("section.remote", &item.href);
            return Ok(None);
        }
        if item.media_type.starts_with("image/") && item.media_type != "image/svg+xml" {
            // A picture in the spine is a page that shows it.
            let Some(id) = places.picture(&self.real(&item.href)) else {
                return Ok(None);
            };
            let cleaned = Cleaned {
                html: format!("<img src=\"{{resource:{id}}}\" alt=\"\"/>"),
                ..Cleaned::default()
            };
            return Ok(Some((Dom::default(), cleaned)));
        }
        let Some(bytes) = self.bytes(&item.href)? else {
            self.warn("section.missing", &item.href);
            return Ok(None);
        };
        if bytes.starts_with(b"%PDF")
            || bytes.iter().take(512).any(|byte| *byte == 0) && !has_mark(&bytes)
        {
            self.warn("section.not_text", &item.href);
            return Ok(None);
        }
        let href = self.real(&item.href);
        let (dom, cleaned) = clean::document(&bytes, &href, places, self.limits);
        if cleaned.repaired {
            self.warn("section.not_well_formed", &href);
        }
        if cleaned.damaged {
            self.warn("section.damaged", &href);
        }
        let removed = cleaned.removed;
        for (key, count) in [
            ("section.scripts_removed", removed.scripts),
            ("section.remote_removed", removed.remote),
            ("section.active_removed", removed.active),
        ] {
            if count > 0 {
                self.warn(key, &format!("{href}: {count}"));
            }
        }
        Ok(Some((dom, cleaned)))
    }

    fn contents(
        &mut self,
        book: &mut Book,
        package: &Package,
        places: &Places,
        headings: Vec<Heading>,
    ) -> Result<(), Refused> {
        let is_nav = |item: &&Item| item.properties.iter().any(|p| p == "nav");
        let mut lines = Vec::new();
        let mut pages = Vec::new();
        if let Some(item) = package.items.iter().find(is_nav)
            && let Some(bytes) = self.bytes(&item.href)?
        {
            let (markup, _) = names::decoded(&bytes);
            let dom = match xml::parse(&markup, self.limits) {
                Ok(dom) => dom,
                Err(_) => {
                    self.warn("contents.not_well_formed", &item.href);
                    html::parse(&markup, self.limits).0
                }
            };
            (lines, pages) = from_nav(&dom, &self.real(&item.href));
        }
        if lines.is_empty() {
            let ncx = package
                .toc
                .as_deref()
                .and_then(|id| package.item(id))
                .or_else(|| {
                    let is_ncx = |item: &&Item| item.media_type == "application/x-dtbncx+xml";
                    package.items.iter().find(is_ncx)
                })
                .map(|item| item.href.clone());
            if let Some(path) = ncx {
                match self.tree(&path)? {
                    Ok(dom) => {
                        let (contents, list) = from_ncx(&dom, &self.real(&path));
                        lines = contents;
                        if pages.is_empty() {
                            pages = list;
                        }
                    }
                    Err(why) => self.warn("contents.damaged", &why),
                }
            }
        }
        if lines.len() > self.limits.toc_entries || pages.len() > self.limits.toc_entries {
            self.warn("contents.cut", "");
            lines.truncate(self.limits.toc_entries);
            pages.truncate(self.limits.toc_entries);
        }
        let mut lost = 0_usize;
        let mut section_of = |reader: &Self, line: &Line| {
            let (path, fragment) = line.place.as_ref()?;
            let section = places.sections.get(&reader.real(path)).copied();
            lost += usize::from(section.is_none());
            Some((section?, fragment.as_deref().and_then(clean::sanitised)))
        };
        for line in lines {
            let place = section_of(self, &line);
            let title = if line.title.is_empty() {
                place
                    .as_ref()
                    .and_then(|(index, _)| book.sections.get(*index)?.title.clone())
                    .unwrap_or_else(|| "…".to_owned())
            } else {
                line.title
            };
            book.contents.push(TocEntry {
                title,
                section: place.as_ref().map(|(index, _)| *index),
                fragment: place.and_then(|(_, fragment)| fragment),
                level: line.level.max(1),
            });
        }
        for line in pages {
            if let Some((section, fragment)) = section_of(self, &line) {
                book.page_list.push(PageEntry {
                    label: line.title,
                    section,
                    fragment,
                });
            }
        }
        if lost > 0 {
            self.warn("contents.broken_links", &lost.to_string());
        }
        if book.contents.iter().all(|entry| entry.section.is_none()) {
            self.warn("contents.made_from_headings", "");
            book.contents = made_contents(book, headings);
        }
        // The book's own contents name a section better than its first heading does.
        let mut named: HashMap<usize, &str> = HashMap::new();
        for entry in book
            .contents
            .iter()
            .rev()
            .filter(|entry| entry.fragment.is_none())
        {
            if let Some(section) = entry.section {
                named.insert(section, &entry.title);
            }
        }
        for (index, section) in book.sections.iter_mut().enumerate() {
            if let Some(title) = named.get(&index) {
                section.title = Some((*title).to_owned());
            }
        }
        Ok(())
    }

    /// Every file but sections, navigation and package; pictures checked by their bytes.
    fn resources(
        &mut self,
        package: &Package,
        package_path: &str,
        sections: &HashMap<String, usize>,
    ) -> Result<Vec<Resource>, Refused> {
        let mut out: Vec<Resource> = Vec::new();
        let declared: HashMap<String, &Item> = package
            .items
            .iter()
            .filter(|item| !item.remote)
            .map(|item| (self.real(&item.href), item))
            .collect();
        let remote = package.items.iter().filter(|item| item.remote).count();
        if remote > 0 {
            self.warn("package.remote_items", &remote.to_string());
        }
        for path in declared.keys() {
            if self.archive.real_name(path).is_none() {
                let key = if sections.contains_key(path) {
                    continue;
                } else {
                    "package.missing_file"
                };
                if self.warnings.len() < WARNINGS {
                    self.warnings.push(warning(key, path));
                }
            }
        }
        let names: Vec<String> = self
            .archive
            .names()
            .into_iter()
            .map(str::to_owned)
            .collect();
        for path in names {
            let item = declared.get(&path);
            let media_type = item.map(|item| item.media_type.clone()).unwrap_or_default();
            let is_structure = path == "mimetype"
                || path.starts_with("META-INF/")
                || path == package_path
                || media_type == "application/x-dtbncx+xml"
                || item.is_some_and(|item| item.properties.iter().any(|p| p == "nav"));
            let is_text_section = sections.contains_key(&path)
                && (media_type.is_empty()
                    || is_page(&media_type) && !media_type.starts_with("image/"));
            // What the manifest does not name is no part of the book.
            if is_structure || is_text_section || item.is_none() {
                continue;
            }
            let id = format!("r{}", out.len() + 1);
            if let Some(resource) = self.resource(&path, id, media_type)? {
                out.push(resource);
            }
        }
        Ok(out)
    }

    fn resource(
        &mut self,
        path: &str,
        id: String,
        media_type: String,
    ) -> Result<Option<Resource>, Refused> {
        let mut resource = Resource {
            id,
            href: path.to_owned(),
            media_type,
            ..Resource::default()
        };
        if resource.media_type == "image/svg+xml" {
            let Some(bytes) = self.bytes(path)? else {
                return Ok(None);
            };
            match clean::picture(&bytes, path, self.limits) {
                Some((svg, removed)) => {
                    if removed != clean::Removed::default() {
                        self.warn("picture.cleaned", path);
                    }
                    resource.served = true;
                    self.keep(&mut resource, svg.as_bytes(), "svg")?;
                }
                None => {
                    self.warn("picture.not_readable", path);
                    self.keep(&mut resource, &bytes, "bin")?;
                }
            }
            return Ok(Some(resource));
        }
        let file_name = format!("{}.bin", resource.id);
        let mut sink = Sink {
            hash: Sha256::new(),
            bytes: 0,
            head: Vec::new(),
            file: None,
        };
        let target = self.out_dir.map(|dir| dir.join(&file_name));
        if let Some(target) = &target {
            sink.file = Some(std::fs::File::create(target).map_err(not_written)?);
        }
        match self.archive.copy(path, &mut sink) {
            Ok(_) => {}
            Err(EntryTrouble::Stop(refused)) => return Err(refused),
            Err(EntryTrouble::Damaged(why)) => {
                self.warn("archive.damaged_entry", &format!("{path}: {why}"));
                if let Some(target) = &target {
                    std::fs::remove_file(target).map_err(not_written)?;
                }
                return Ok(None);
            }
            Err(EntryTrouble::Missing) => return Ok(None),
        }
        resource.bytes = sink.bytes;
        resource.sha256 = hex(&sink.hash.finalize());
        let real = raster(&sink.head);
        if let Some((kind, extension)) = real {
            resource.media_type = kind.to_owned();
            resource.served = true;
            if let (Some(from), Some(dir)) = (&target, self.out_dir) {
                let name = format!("{}.{extension}", resource.id);
                std::fs::rename(from, dir.join(&name)).map_err(not_written)?;
                resource.path = Some(name);
            }
        } else {
            if resource.media_type.starts_with("image/") {
                self.warn("picture.not_readable", path);
            }
            resource.path = target.map(|_| file_name);
        }
        Ok(Some(resource))
    }

    fn keep(&self, resource: &mut Resource, bytes: &[u8], extension: &str) -> Result<(), Refused> {
        resource.bytes = bytes.len() as u64;
        resource.sha256 = hex(&Sha256::digest(bytes));
        if let Some(dir) = self.out_dir {
            let name = format!("{}.{extension}", resource.id);
            std::fs::write(dir.join(&name), bytes).map_err(not_written)?;
            resource.path = Some(name);
        }
        Ok(())
    }

    /// The picture that stands for the book: named as cover, on the cover page, named like
    /// one, or alone on the first page.
    fn cover(
        &mut self,
        package: &Package,
        spine: &[Option<Item>],
        places: &Places,
    ) -> Result<Option<String>, Refused> {
        let by_item = |reader: &Self, item: &Item| places.picture(&reader.real(&item.href));
        let is_cover = |item: &&Item| item.properties.iter().any(|p| p == "cover-image");
        if let Some(id) = package
            .items
            .iter()
            .find(is_cover)
            .and_then(|item| by_item(self, item))
        {
            return Ok(Some(id));
        }
        if let Some(named) = package.cover_id.as_deref() {
            // Some write the path where the id belongs.
            let item = package
                .item(named)
                .or_else(|| package.items.iter().find(|item| item.href.ends_with(named)));
            if let Some(id) = item.and_then(|item| by_item(self, item)) {
                return Ok(Some(id));
            }
        }
        let mut pages: Vec<String> = package.cover_page.iter().cloned().collect();
        pages.extend(spine.iter().flatten().next().map(|item| item.href.clone()));
        for page in pages {
            let path = self.real(&page);
            if let Some(id) = places.picture(&path) {
                return Ok(Some(id));
            }
            let Some(bytes) = self.bytes(&path)? else {
                continue;
            };
            let (dom, _) = clean::document(&bytes, &path, places, self.limits);
            let sole = package.cover_page.as_deref() == Some(page.as_str())
                || text::words(&text::plain(&dom, clean::body_of(&dom))) <= 5;
            if let Some(id) = first_picture(&dom, &path, places).filter(|_| sole) {
                return Ok(Some(id));
            }
        }
        let looks_so = |item: &&Item| {
            item.media_type.starts_with("image/")
                && (names::says_cover(&item.id)
                    || names::says_cover(item.href.rsplit('/').next().unwrap_or_default()))
        };
        Ok(package
            .items
            .iter()
            .find(looks_so)
            .and_then(|item| by_item(self, item)))
    }
}

fn first_picture(dom: &Dom, path: &str, places: &Places) -> Option<String> {
    let images = dom
        .find_all(Dom::ROOT, "img")
        .filter_map(|id| dom.attr(id, "src"));
    let drawn = dom
        .find_all(Dom::ROOT, "image")
        .filter_map(|id| dom.attr(id, "xlink:href").or_else(|| dom.attr(id, "href")));
    let mut all = images.chain(drawn);
    all.find_map(|raw| match address(path, raw) {
        names::Address::Inside(path, _) => places.picture(&path),
        _ => None,
    })
}

/// A heading found in a section, for books without contents.
struct Heading {
    section: usize,
    title: String,
    level: u8,
    id: Option<String>,
}

fn headings_of(dom: &Dom, section: usize) -> Vec<Heading> {
    let heading = |id: NodeId| {
        let level = match dom.name(id) {
            "h1" => 1,
            "h2" => 2,
            "h3" => 3,
            _ => return None,
        };
        let title: String = tidy(&text::plain(dom, id)).chars().take(200).collect();
        (!title.is_empty()).then(|| Heading {
            section,
            title,
            level,
            id: dom.attr(id, "id").and_then(clean::sanitised),
        })
    };
    dom.walk(clean::body_of(dom))
        .filter_map(|step| match step {
            crate::dom::Step::Enter(id) => heading(id),
            crate::dom::Step::Leave(_) => None,
        })
        .take(500)
        .collect()
}

fn title_of(dom: &Dom) -> Option<String> {
    let title = dom.find(Dom::ROOT, "title")?;
    Some(tidy(&dom.text(title))).filter(|title| !title.is_empty())
}

/// Contents for a book that has none: one line a section, headings with an id below it.
fn made_contents(book: &Book, headings: Vec<Heading>) -> Vec<TocEntry> {
    let mut out = Vec::new();
    let mut headings = headings.into_iter().peekable();
    for (index, section) in book.sections.iter().enumerate() {
        let mut first = true;
        while let Some(heading) = headings.next_if(|heading| heading.section == index) {
            if first || heading.id.is_some() {
                out.push(TocEntry {
                    title: heading.title,
                    section: Some(index),
                    fragment: heading.id.filter(|_| !first),
                    level: heading.level,
                });
            }
            first = false;
        }
        if first && (!section.html.is_empty() || section.title.is_some()) {
            let words: Vec<&str> = section.text.split_whitespace().take(8).collect();
            let title = match &section.title {
                Some(title) => title.clone(),
                None if words.is_empty() => (index + 1).to_string(),
                None => format!("{}…", words.join(" ")),
            };
            out.push(TocEntry {
                title,
                section: Some(index),
                fragment: None,
                level: 1,
            });
        }
    }
    out
}

/// A byte order mark of UTF-16, whose text is full of zero bytes.
fn has_mark(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff")
}

/// Kind of a raster picture, told by its first bytes.
fn raster(head: &[u8]) -> Option<(&'static str, &'static str)> {
    if head.starts_with(b"\x89PNG\r\n\x1a\n") {
        Some(("image/png", "png"))
    } else if head.starts_with(b"\xff\xd8\xff") {
        Some(("image/jpeg", "jpg"))
    } else if head.starts_with(b"GIF87a") || head.starts_with(b"GIF89a") {
        Some(("image/gif", "gif"))
    } else if head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WEBP") {
        Some(("image/webp", "webp"))
    } else {
        None
    }
}

fn not_written(error: std::io::Error) -> Refused {
    Refused::NotWritten {
        detail: error.to_string(),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Hashes and writes what passes through, and keeps the first bytes.
struct Sink {
    hash: Sha256,
    bytes: u64,
    head: Vec<u8>,
    file: Option<std::fs::File>,
}

impl Write for Sink {
    fn write(&mut self, piece: &[u8]) -> std::io::Result<usize> {
        if let Some(file) = &mut self.file {
            file.write_all(piece)?;
        }
        self.hash.update(piece);
        self.bytes += piece.len() as u64;
        let room = 16_usize.saturating_sub(self.head.len());
        self.head.extend(piece.iter().take(room));
        Ok(piece.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
