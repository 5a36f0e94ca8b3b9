//! Small office files, made part by part: what a test says about a file stands in the test.
//!
//! Used by the tests and by the example `thousand`. Not a writer of office files: only the parts
//! that Word, Excel and LibreOffice insist on.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "the tests and the example use different halves"
)]

use std::io::{Cursor, Read, Write};

const W: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
const S: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const R: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const RELS: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
const DECL: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\r\n";

/// An archive of these entries; pictures are stored, everything else packed.
pub fn zipped(entries: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        let method = if name.ends_with(".png") {
            zip::CompressionMethod::Stored
        } else {
            zip::CompressionMethod::Deflated
        };
        let options = zip::write::SimpleFileOptions::default().compression_method(method);
        zip.start_file(name.as_str(), options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// All entries in their order.
pub fn entries(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    (0..zip.len())
        .map(|index| {
            let mut file = zip.by_index(index).unwrap();
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).unwrap();
            (file.name().unwrap().into_owned(), bytes)
        })
        .collect()
}

/// One part as text.
pub fn part(bytes: &[u8], name: &str) -> String {
    let found = entries(bytes).into_iter().find(|(own, _)| own == name);
    String::from_utf8(found.unwrap().1).unwrap()
}

/// A file that grows part by part.
#[derive(Clone)]
pub struct Office {
    main: String,
    types: String,
    links: String,
    parts: Vec<(String, Vec<u8>)>,
}

impl Office {
    /// A document with this body.
    pub fn document(body: &str) -> Office {
        let mut office = Office {
            main: "word/document.xml".to_owned(),
            types: String::new(),
            links: String::new(),
            parts: Vec::new(),
        };
        let kind = "application/vnd.openxmlformats-officedocument.wordprocessingml";
        office.add(
            "word/document.xml",
            &format!("{kind}.document.main+xml"),
            &document(body),
        );
        office
    }

    /// Adds a head, foot or notes of this body, linked from the document.
    pub fn with(mut self, what: &str, body: &str) -> Office {
        let kind = "application/vnd.openxmlformats-officedocument.wordprocessingml";
        let text = match what {
            "header" => format!("{DECL}<w:hdr xmlns:w=\"{W}\">{body}</w:hdr>"),
            "footer" => format!("{DECL}<w:ftr xmlns:w=\"{W}\">{body}</w:ftr>"),
            _ => format!("{DECL}<w:{what} xmlns:w=\"{W}\">{body}</w:{what}>"),
        };
        self.add(
            &format!("word/{what}1.xml"),
            &format!("{kind}.{what}+xml"),
            &text,
        );
        self.links.push_str(&format!(
            "<Relationship Id=\"r-{what}\" Type=\"{R}/{what}\" Target=\"{what}1.xml\"/>"
        ));
        self
    }

    /// A workbook of these sheets: names and what stands inside `worksheet`.
    pub fn book(sheets: &[(&str, &str)], more: &str, strings: &[&str]) -> Office {
        let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml";
        let mut office = Office {
            main: "xl/workbook.xml".to_owned(),
            types: String::new(),
            links: String::new(),
            parts: Vec::new(),
        };
        let list: String = sheets
            .iter()
            .enumerate()
            .map(|(at, (name, _))| {
                format!(
                    "<sheet name=\"{name}\" sheetId=\"{0}\" r:id=\"r{0}\"/>",
                    at + 1
                )
            })
            .collect();
        office.add(
            "xl/workbook.xml",
            &format!("{kind}.sheet.main+xml"),
            &format!(
                "{DECL}<workbook xmlns=\"{S}\" xmlns:r=\"{R}\"><sheets>{list}</sheets>{more}</workbook>"
            ),
        );
        for (at, (_, inside)) in sheets.iter().enumerate() {
            let number = at + 1;
            office.add(
                &format!("xl/worksheets/sheet{number}.xml"),
                &format!("{kind}.worksheet+xml"),
                &format!("{DECL}<worksheet xmlns=\"{S}\" xmlns:r=\"{R}\">{inside}</worksheet>"),
            );
            office.links.push_str(&format!(
                "<Relationship Id=\"r{number}\" Type=\"{R}/worksheet\" Target=\"worksheets/sheet{number}.xml\"/>"
            ));
        }
        let items: String = strings.iter().map(|s| format!("<si>{s}</si>")).collect();
        office.add(
            "xl/sharedStrings.xml",
            &format!("{kind}.sharedStrings+xml"),
            &format!("{DECL}<sst xmlns=\"{S}\">{items}</sst>"),
        );
        // Styles: 0 plain, 1 a day, 2 grouped number, 3 text.
        office.add(
            "xl/styles.xml",
            &format!("{kind}.styles+xml"),
            &format!(
                "{DECL}<styleSheet xmlns=\"{S}\"><numFmts count=\"1\"><numFmt numFmtId=\"164\" formatCode=\"dd/mm/yyyy\"/></numFmts><fonts count=\"1\"><font/></fonts><fills count=\"1\"><fill><patternFill patternType=\"none\"/></fill></fills><borders count=\"1\"><border/></borders><cellStyleXfs count=\"1\"><xf/></cellStyleXfs><cellXfs count=\"4\"><xf/><xf numFmtId=\"164\" applyNumberFormat=\"1\"/><xf numFmtId=\"3\" applyNumberFormat=\"1\"/><xf numFmtId=\"49\" applyNumberFormat=\"1\"/></cellXfs></styleSheet>"
            ),
        );
        for what in ["sharedStrings", "styles"] {
            office.links.push_str(&format!(
                "<Relationship Id=\"r-{what}\" Type=\"{R}/{what}\" Target=\"{what}.xml\"/>"
            ));
        }
        office
    }

    /// Adds a part as it is; with a type, it is listed.
    pub fn add(&mut self, name: &str, kind: &str, text: &str) -> &mut Office {
        if !kind.is_empty() {
            self.types.push_str(&format!(
                "<Override PartName=\"/{name}\" ContentType=\"{kind}\"/>"
            ));
        }
        self.parts.push((name.to_owned(), text.as_bytes().to_vec()));
        self
    }

    /// Adds a relationship of the main part.
    pub fn link(&mut self, kind: &str, target: &str, mode: &str) -> &mut Office {
        let id = self.links.len();
        self.links.push_str(&format!(
            "<Relationship Id=\"x{id}\" Type=\"{R}/{kind}\" Target=\"{target}\"{mode}/>"
        ));
        self
    }

    /// Adds relationships of another part: kind and target.
    pub fn links_of(&mut self, part: &str, links: &[(&str, &str)]) -> &mut Office {
        let (folder, file) = part.rsplit_once('/').unwrap();
        let list: String = links
            .iter()
            .enumerate()
            .map(|(at, (kind, target))| {
                format!("<Relationship Id=\"r{at}\" Type=\"{R}/{kind}\" Target=\"{target}\"/>")
            })
            .collect();
        let text = format!("{DECL}<Relationships xmlns=\"{RELS}\">{list}</Relationships>");
        self.add(&format!("{folder}/_rels/{file}.rels"), "", &text)
    }

    /// The list of entries, to be changed before it is zipped.
    pub fn parts(&self) -> Vec<(String, Vec<u8>)> {
        let types = format!(
            "{DECL}<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Default Extension=\"xml\" ContentType=\"application/xml\"/><Default Extension=\"png\" ContentType=\"image/png\"/><Default Extension=\"bin\" ContentType=\"application/octet-stream\"/>{}</Types>",
            self.types
        );
        let root = format!(
            "{DECL}<Relationships xmlns=\"{RELS}\"><Relationship Id=\"r1\" Type=\"{R}/officeDocument\" Target=\"{}\"/></Relationships>",
            self.main
        );
        let links = format!(
            "{DECL}<Relationships xmlns=\"{RELS}\">{}</Relationships>",
            self.links
        );
        let (folder, file) = self.main.rsplit_once('/').unwrap();
        let mut out = vec![
            ("[Content_Types].xml".to_owned(), types.into_bytes()),
            ("_rels/.rels".to_owned(), root.into_bytes()),
        ];
        out.extend(self.parts.iter().cloned());
        out.push((format!("{folder}/_rels/{file}.rels"), links.into_bytes()));
        out
    }

    /// The file.
    pub fn bytes(&self) -> Vec<u8> {
        zipped(&self.parts())
    }
}

/// `document.xml` of this body.
pub fn document(body: &str) -> String {
    format!(
        "{DECL}<w:document xmlns:w=\"{W}\" xmlns:r=\"{R}\" xmlns:w14=\"http://schemas.microsoft.com/office/word/2010/wordml\" xmlns:mc=\"http://schemas.openxmlformats.org/markup-compatibility/2006\" xmlns:v=\"urn:schemas-microsoft-com:vml\" xmlns:m=\"http://schemas.openxmlformats.org/officeDocument/2006/math\" mc:Ignorable=\"w14\"><w:body>{body}</w:body></w:document>"
    )
}

/// A paragraph of one run.
pub fn p(text: &str) -> String {
    format!("<w:p><w:r><w:t>{text}</w:t></w:r></w:p>")
}

/// A table row of these cells.
pub fn tr(cells: &[&str]) -> String {
    let cells: String = cells
        .iter()
        .map(|text| format!("<w:tc><w:tcPr/>{}</w:tc>", p(text)))
        .collect();
    format!("<w:tr>{cells}</w:tr>")
}

/// A table of these rows.
pub fn tbl(rows: &str) -> String {
    format!("<w:tbl><w:tblPr/><w:tblGrid><w:gridCol/></w:tblGrid>{rows}</w:tbl>")
}

/// A row of a sheet: number, and cells as they are.
pub fn row(number: u32, cells: &str) -> String {
    format!("<row r=\"{number}\">{cells}</row>")
}

/// A cell with a string of its own.
pub fn cell(place: &str, text: &str) -> String {
    format!("<c r=\"{place}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
}
