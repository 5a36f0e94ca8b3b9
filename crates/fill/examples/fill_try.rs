//! Opens every file named, lists its fields, and fills it with nothing and with something.
//!
//! For looking at real templates by hand: `cargo run -p fill --example fill_try -- FILE…`. Filled
//! with nothing, every part must come out as it went in, packed bytes and all; this is checked.

use std::io::{Cursor, Read};

use fill::{Data, Limits, Options, Template};

fn main() {
    let (mut taken, mut refused, mut changed) = (0, 0, 0);
    for file in std::env::args().skip(1) {
        let Ok(bytes) = std::fs::read(&file) else {
            println!("unreadable {file}");
            continue;
        };
        let template = match Template::open(bytes.clone(), Limits::default()) {
            Ok(template) => template,
            Err(trouble) => {
                refused += 1;
                println!("refused {file}: {trouble}");
                continue;
            }
        };
        taken += 1;
        let names: Vec<&str> = template
            .fields()
            .iter()
            .map(|field| field.name.shown.as_str())
            .collect();
        println!("taken {file}: {names:?}");
        for odd in template.odd() {
            println!("  {odd:?}");
        }
        let same = template
            .fill(&Data::new(), &Options::default())
            .is_ok_and(|out| parts(&out.bytes) == parts(&bytes));
        if !same {
            changed += 1;
            println!("  CHANGED though nothing was filled");
        }
    }
    println!("{taken} taken, {refused} refused, {changed} changed");
    std::process::exit(i32::from(changed > 0));
}

/// Names and packed bytes in their order; none when the archive does not open.
fn parts(bytes: &[u8]) -> Option<Vec<(String, u32, Vec<u8>)>> {
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).ok()?;
    (0..zip.len())
        .map(|index| {
            let mut file = zip.by_index_raw(index).ok()?;
            let mut packed = Vec::new();
            file.read_to_end(&mut packed).ok()?;
            Some((file.name().ok()?.into_owned(), file.crc32(), packed))
        })
        .collect()
}
