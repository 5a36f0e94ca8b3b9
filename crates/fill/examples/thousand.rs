//! Fills a thousand files of different sizes and lets LibreOffice open every one.
//!
//! For trying by hand: `cargo run --release -p fill --example thousand -- OUT [--pdf] [TEMPLATE…]`.
//! Templates of an office may be named; without any, two made here are used. Every field gets a
//! value that says its name and the number of the file, every list a length that differs from
//! file to file, and the text that LibreOffice gives back must hold every value of the body, the
//! last item of every list, and nothing unfilled. With `--pdf` each file is drawn as well.

#[path = "../tests/build/mod.rs"]
mod build;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use fill::{Area, Data, Kind, Limits, Options, Record, Template};

const FILES: usize = 1000;
/// Files that one start of LibreOffice opens.
const BATCH: usize = 50;

fn main() {
    let mut args: Vec<String> = std::env::args().skip(1).collect();
    let draws = args.iter().any(|arg| arg == "--pdf");
    args.retain(|arg| arg != "--pdf");
    let mut args = args.into_iter();
    let Some(out) = args.next().map(PathBuf::from) else {
        eprintln!("thousand OUT [--pdf] [TEMPLATE…]");
        return;
    };
    if let Err(trouble) = run(&out, draws, args.map(PathBuf::from).collect()) {
        eprintln!("{trouble}");
        std::process::exit(1);
    }
}

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

fn run(out: &Path, draws: bool, named: Vec<PathBuf>) -> Outcome<()> {
    let mut templates = Vec::new();
    for path in named {
        let bytes = std::fs::read(&path)?;
        let template = Template::open(bytes, Limits::default())?;
        println!("{} fields {}", template.fields().len(), path.display());
        templates.push(template);
    }
    if templates.is_empty() {
        for bytes in [own_document(), own_book()] {
            templates.push(Template::open(bytes, Limits::default())?);
        }
    }
    std::fs::create_dir_all(out)?;
    let start = Instant::now();
    let mut files: Vec<(PathBuf, Vec<String>)> = Vec::new();
    let mut bytes = 0;
    let (mut smallest, mut largest) = (usize::MAX, 0);
    for number in 0..FILES {
        let Some(template) = templates.get(number % templates.len()) else {
            break;
        };
        let (data, marks) = data(template, number);
        let filled = template.fill(&data, &Options::default())?;
        let ending = match template.kind() {
            Kind::Document => "docx",
            Kind::Spreadsheet => "xlsx",
        };
        let path = out.join(format!("{number:04}.{ending}"));
        bytes += filled.bytes.len();
        smallest = smallest.min(filled.bytes.len());
        largest = largest.max(filled.bytes.len());
        std::fs::write(&path, filled.bytes)?;
        files.push((path, marks));
    }
    println!(
        "{} files, {smallest} to {largest} bytes, {bytes} in all, in {} ms",
        files.len(),
        start.elapsed().as_millis()
    );
    let mut bad = 0;
    for (to, ending, reads) in [
        ("txt:Text (encoded):UTF8", "docx", true),
        // Comma, quotes, UTF-8.
        ("csv:Text - txt - csv (StarCalc):44,34,76", "xlsx", true),
        ("pdf", "docx", false),
        ("pdf", "xlsx", false),
    ] {
        if !reads && !draws {
            continue;
        }
        let chosen: Vec<&(PathBuf, Vec<String>)> = files
            .iter()
            .filter(|(path, _)| path.extension().is_some_and(|own| own == ending))
            .collect();
        if !chosen.is_empty() {
            bad += convert(out, to, &chosen, reads)?;
        }
    }
    match bad {
        0 => Ok(()),
        bad => Err(format!("{bad} files did not open or lost a value").into()),
    }
}

/// Lets LibreOffice convert files in batches; answers with how many failed.
fn convert(out: &Path, to: &str, files: &[&(PathBuf, Vec<String>)], reads: bool) -> Outcome<usize> {
    let ending = to.split(':').next().unwrap_or(to);
    let there = out.join(ending);
    std::fs::create_dir_all(&there)?;
    let profile = format!(
        "-env:UserInstallation=file://{}",
        std::path::absolute(out.join("profile"))?.display()
    );
    let start = Instant::now();
    let (mut good, mut bad) = (0, 0);
    for batch in files.chunks(BATCH) {
        let status = Command::new("soffice")
            .args([
                profile.as_str(),
                "--headless",
                "--convert-to",
                to,
                "--outdir",
            ])
            .arg(&there)
            .args(batch.iter().map(|(path, _)| path))
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .status()?;
        if !status.success() {
            println!("soffice ended with {status}");
        }
        for (path, marks) in batch {
            let made = there
                .join(path.file_name().unwrap_or_default())
                .with_extension(ending);
            let is_good = if reads {
                std::fs::read_to_string(&made).is_ok_and(|text| {
                    marks.iter().all(|mark| text.contains(mark))
                        && ["{{", "#REF!", "Err:"]
                            .iter()
                            .all(|bad| !text.contains(bad))
                })
            } else {
                std::fs::metadata(&made).is_ok_and(|made| made.len() > 1000)
            };
            if is_good {
                good += 1;
            } else if bad < 10 {
                bad += 1;
                println!("bad: {}", path.display());
            }
        }
    }
    println!(
        "{good} of {} to {ending} in {} s",
        files.len(),
        start.elapsed().as_secs()
    );
    Ok(files.len() - good)
}

/// Values for every field (a dotted name is of a list when the template numbers that list with
/// `stt`), and texts that must be found again: every plain value and the last
/// item of every list.
fn data(template: &Template, number: usize) -> (Data, Vec<String>) {
    // 0 to about 1,000 items, most of them few.
    let items = match number % 10 {
        0 => number / 10,
        1 => number,
        rest => rest,
    };
    let mut data = Data::new();
    let mut lists: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut marks = Vec::new();
    let numbered: Vec<&String> = template
        .fields()
        .iter()
        .filter(|field| field.name.key == "stt")
        .filter_map(|field| field.name.list.as_ref())
        .collect();
    for field in template.fields() {
        let name = field.name.full_key();
        match &field.name.list {
            Some(list) if numbered.contains(&list) => {
                let keys = lists.entry(list.clone()).or_default();
                if field.name.key != "stt" {
                    keys.push(field.name.key.clone());
                }
            }
            _ if field.name.key.starts_with("so") => {
                data = data.with(&name, i64::try_from(number).unwrap_or(0));
            }
            _ if field.name.key.starts_with("ngay") => {
                data = data.with(&name, jiff::civil::date(2026, 1, 31));
            }
            _ => {
                let value = format!("dấu-{number}-{name}");
                let more = "<dài & \"rộng\"> ".repeat(number % 37);
                let text = format!("{value} {more}{}", "\n".repeat(number % 3));
                data = data.with(&name, text);
                // Heads and feet are not part of what is given back as text.
                let is_read = |area: &Area| matches!(area, Area::Body | Area::Sheet(_));
                if field.places.iter().any(|place| is_read(&place.area)) {
                    marks.push(value);
                }
            }
        }
    }
    for (list, keys) in lists {
        let records = (0..items)
            .map(|at| {
                let mut record = Record::new();
                for key in &keys {
                    if key.starts_with("so") {
                        record.set(key, i64::try_from(at * 1000).unwrap_or(0));
                    } else {
                        record.set(key, format!("mục-{number}-{at}-{key}"));
                    }
                }
                record
            })
            .collect();
        if let (Some(last), Some(key)) = (
            items.checked_sub(1),
            keys.iter().find(|key| !key.starts_with("so")),
        ) {
            marks.push(format!("mục-{number}-{last}-{key}"));
        }
        data = data.with_list(&list, records);
    }
    (data, marks)
}

fn own_document() -> Vec<u8> {
    use build::{Office, p, tbl, tr};
    let rows = [
        tr(&["TT", "Họ tên", "Ghi chú"]),
        tr(&[
            "{{danh_sach.stt}}",
            "{{danh_sach.ho_ten}}",
            "{{danh_sach.ghi_chu}}",
        ]),
    ];
    let split =
        "<w:p><w:r><w:t>Số: {{so_</w:t></w:r><w:r><w:t>ky_hieu}}, {{ngay}}</w:t></w:r></w:p>";
    let control = "<w:sdt><w:sdtPr><w:tag w:val=\"noi_nhan\"/><w:text/></w:sdtPr><w:sdtContent><w:p><w:r><w:t>?</w:t></w:r></w:p></w:sdtContent></w:sdt>";
    let merge = "<w:p><w:fldSimple w:instr=\" MERGEFIELD nguoi_ky \"><w:r><w:t>«»</w:t></w:r></w:fldSimple></w:p>";
    Office::document(&format!(
        "{}{split}{}{control}{merge}",
        p("{{tieu_de}}"),
        tbl(&rows.concat())
    ))
    .bytes()
}

fn own_book() -> Vec<u8> {
    use build::{Office, cell, row};
    let rows = row(1, &cell("A1", "{{tieu_de}}"))
        + &row(
            2,
            "<c r=\"A2\" t=\"s\"><v>0</v></c><c r=\"B2\" s=\"1\" t=\"s\"><v>1</v></c>",
        )
        + &row(
            3,
            &[
                cell("A3", "{{ds.stt}}"),
                cell("B3", "{{ds.ho_ten}}"),
                cell("C3", "{{ds.so_tien}}"),
                "<c r=\"D3\"><f>C3*1.1</f></c>".to_owned(),
            ]
            .concat(),
        )
        + &row(
            4,
            "<c r=\"C4\"><f>SUM(C3:C3)</f></c><c r=\"D4\"><f>SUM(D3)</f></c>",
        );
    let inside = format!(
        "<sheetData>{rows}</sheetData><mergeCells count=\"1\"><mergeCell ref=\"A1:D1\"/></mergeCells>"
    );
    Office::book(
        &[("Danh sách", &inside)],
        "",
        &["<t>Ngày</t>", "<t>{{ngay}}</t>"],
    )
    .bytes()
}
