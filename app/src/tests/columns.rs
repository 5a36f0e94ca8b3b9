//! The table of column names in the docs is the one that the program reads by.

use super::same_as_kept;
use intake::columns::Field;

fn table(out: &mut String, heading: &str, command: &str, fields: &[Field]) {
    out.push_str(&format!(
        "\n## {heading}\n\n`{command}`\n\n| field | words that head its column |\n|---|---|\n"
    ));
    for field in fields {
        let must = if field.is_required { " (needed)" } else { "" };
        let words = field.words.join(" · ");
        out.push_str(&format!("| `{}`{must} | {words} |\n", field.name));
    }
}

fn page() -> String {
    let mut out = String::from(
        "# Names of columns\n\nMade from the code that reads them; a test compares. The header row is found by these words wherever it \
         stands; marks, case and\npunctuation count for nothing, and words are compared whole. A list that says it otherwise takes a \
         mapping file\n(`--mapping FILE.toml`, a line each: `field = \"header words\"`, `field = \"C\"` or `field = 3`). Books have \
         no table: an EPUB says who it is.\n",
    );
    let [(_, roster), (_, units)] = rosters::columns();
    table(&mut out, "Members", "sotay import roster FILE", roster);
    table(&mut out, "Units", "sotay import units FILE", units);
    table(
        &mut out,
        "Registers of documents",
        "sotay import documents FILE",
        documents::columns(),
    );
    table(
        &mut out,
        "Holidays",
        "sotay import rules FILE",
        admin::holiday_columns(),
    );
    out
}

#[test]
fn the_names_of_columns_in_the_docs_are_those_that_are_read() {
    same_as_kept("docs/columns.md", &page());
}
