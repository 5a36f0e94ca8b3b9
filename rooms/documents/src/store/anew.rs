//! Documents whose citations are to be read once more.

use super::{REMOVE_CITATIONS, add_citations, stands};
use crate::document::Cited;
use db::sql;
use kernel::error::Result;
use site::{Act, Program, Site};

db::statements! {
    NEXT = "select d.id, d.row_version from documents_cited_anew a join documents_document d on d.id = a.document_id \
        where d.id > $1 order by d.id limit 1";
    pub(crate) DONE = "delete from documents_cited_anew where document_id = $1";
}

/// The next document of the list, and the version in which it stands.
pub(crate) async fn next(site: &Site, after: &str) -> Result<Option<(String, i64)>> {
    sql(NEXT).bind(after).maybe(site.db.read()).await
}

/// Keeps what a document cites, unless it was changed since it was read: then it stays on the list.
pub(crate) async fn keep(
    act: &mut Act<Program>,
    id: &str,
    version: i64,
    cited: &[Cited],
) -> Result<()> {
    if stands(act, id, version).await? {
        sql(REMOVE_CITATIONS).bind(id).run(act.on()).await?;
        add_citations(act, id, cited).await?;
        sql(DONE).bind(id).run(act.on()).await?;
        act.changed(crate::feed::KIND, id);
    }
    Ok(())
}
