//! What other rooms would have done meanwhile, for tests that may not write their tables.
//!
//! A test of one room asks here for a state of another: a status, an address, a post that ended, a document.
//! Not here: what the room under test does itself; what it can ask `people` for by its own functions.
//! The rule that surprises: these write the tables that the room itself would write, epoch and versions too,
//! so a table that changes is changed here, once, and in no test.

use crate::base::{Post, add_post, say};
use crate::{Character, TestApp};
use kernel::Role;

const MEMBER: [&str; 5] = [
    "update people_member set status = $2, row_version = row_version + 1 where id = $1",
    "update people_member set exempt = $2, row_version = row_version + 1 where id = $1",
    "update people_member set email = $2, row_version = row_version + 1 where id = $1",
    "update people_member set phone_sealed = $2, row_version = row_version + 1 where id = $1",
    "update people_member set name = $2, birth_on = $3, name_fold = $4, row_version = row_version + 1 where id = $1",
];

impl TestApp {
    /// A correction of the record: another status (`suspended`, `left`, …).
    pub async fn has_status(&self, who: Character, status: &str) {
        let said = serde_json::json!({ "status": status, "status_from_on": "1980-03-03" });
        self.corrects(db::sql(MEMBER[0]).bind(who.id).bind(status), who, said)
            .await;
    }
    /// A correction of the record: exempt from meetings, or no longer.
    pub async fn is_exempt(&self, who: Character, is_exempt: bool) {
        let exempt = i64::from(is_exempt);
        let said = serde_json::json!({ "exempt": exempt.to_string() });
        self.corrects(db::sql(MEMBER[1]).bind(who.id).bind(exempt), who, said)
            .await;
    }
    /// A correction of the record: another e-mail address, or none.
    pub async fn has_email(&self, who: Character, email: &str) {
        let said = serde_json::json!({ "email": email });
        self.corrects(db::sql(MEMBER[2]).bind(who.id).bind(email), who, said)
            .await;
    }
    /// A correction of the record: another telephone.
    pub async fn has_phone(&self, who: Character, phone: &str) {
        let site = &self.site;
        let spot = site::seal::Spot {
            table: "people_member",
            column: "phone",
            row: who.id,
        };
        let sealed = site.keys.seal_at(spot, phone, &site.dice).unwrap();
        let said = serde_json::json!({ "phone": sealed });
        self.corrects(db::sql(MEMBER[3]).bind(who.id).bind(sealed), who, said)
            .await;
    }
    /// A correction of the record: another name and another day of birth.
    pub async fn is_called(&self, who: Character, name: &str, birth_on: &str) {
        let set = db::sql(MEMBER[4]).bind(who.id).bind(name).bind(birth_on);
        let set = set.bind(vietnamese::fold(name));
        let said = serde_json::json!({ "name": name, "birth_on": birth_on });
        self.corrects(set, who, said).await;
    }
    /// They have an account and have set a password.
    pub async fn has_password(&self, who: Character) {
        let mut tx = self.site.db.begin().await.unwrap();
        tx.unwatched();
        db::sql(
            "insert into account_account (id, member_id, login, password_set_at, created_at) \
             values ($1, $2, $1, 1, 1)",
        )
        .bind(format!("acc-{}", who.id))
        .bind(who.id)
        .run(&mut *tx)
        .await
        .unwrap();
        self.site.db.commit(tx).await.unwrap();
    }
    async fn corrects(&self, correction: db::Stmt, who: Character, said: serde_json::Value) {
        let mut tx = self.site.db.begin().await.unwrap();
        tx.unwatched();
        assert_eq!(correction.run(&mut *tx).await.unwrap(), 1);
        raise_epoch(&mut tx).await;
        say(&mut tx, who.id, ("record", ""), &said).await;
        self.site.db.commit(tx).await.unwrap();
    }
    /// From today on they have this post of the unit, and what it brings.
    pub async fn has_post(&self, who: Character, title: &str, role: Role, unit: &str) {
        let mut tx = self.site.db.begin().await.unwrap();
        tx.unwatched();
        let post = Post {
            member: who.id,
            title,
            role,
            unit,
            rank: 30,
            since: self.today(),
        };
        add_post(
            &mut tx,
            &format!("{}-{}-{unit}", who.id, role.name()),
            &post,
        )
        .await;
        raise_epoch(&mut tx).await;
        self.site.db.commit(tx).await.unwrap();
    }
    /// All their posts end today, and the rights with them.
    pub async fn leaves_posts(&self, who: Character) {
        let mut tx = self.site.db.begin().await.unwrap();
        tx.unwatched();
        for text in [
            "update people_holding set to_on = $2 where member_id = $1 and to_on > $2",
            "update people_grant set to_on = $2 where member_id = $1 and to_on > $2",
        ] {
            db::sql(text)
                .bind(who.id)
                .bind(self.today())
                .run(&mut *tx)
                .await
                .unwrap();
        }
        raise_epoch(&mut tx).await;
        self.site.db.commit(tx).await.unwrap();
    }
    /// The ledger of members begins now: everything that stands in the tables is stated as it is found, by the very
    /// statements of the migration that a database of before goes through.
    pub async fn opens_ledger(&self) {
        let step = schema::MIGRATIONS.iter().find(|step| step.number == 150);
        let text = schema::render(step.unwrap().text, self.site.db.engine());
        let mut tx = self.site.db.begin().await.unwrap();
        tx.unwatched();
        db::sql("delete from people_statement")
            .run(&mut *tx)
            .await
            .unwrap();
        let mut count = 0;
        for part in text
            .split(";\n")
            .filter(|part| part.trim().starts_with("insert into"))
        {
            db::sql_built(part.to_owned()).run(&mut *tx).await.unwrap();
            count += 1;
        }
        assert_eq!(count, 3, "records, placements, posts");
        self.site.db.commit(tx).await.unwrap();
    }
    /// A document of that symbol, whose key is how `citation` compares it, for that audience.
    pub async fn keeps_document(&self, id: &str, (symbol, key): (&str, &str), audience: &str) {
        let mut tx = self.site.db.begin().await.unwrap();
        tx.unwatched();
        db::sql(
            "insert into documents_document (id, identity_key, symbol, symbol_key, title, title_fold, issued_on, \
             audience, state, imported_at, changed_at) \
             values ($1, $1, $2, $3, $4, '', '2026-06-15', $5, 'published', 0, 0)",
        )
        .bind(id)
        .bind(symbol)
        .bind(key)
        .bind(format!("Văn bản {id}"))
        .bind(audience)
        .run(&mut *tx)
        .await
        .unwrap();
        self.site.db.commit(tx).await.unwrap();
    }
}

pub(crate) async fn raise_epoch(tx: &mut db::Tx) {
    db::sql("update people_epoch set value = value + 1 where name = 'grants'")
        .run(&mut **tx)
        .await
        .unwrap();
}
