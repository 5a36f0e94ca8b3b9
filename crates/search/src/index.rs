//! The index as the app holds it: opening, asking, and who may write.
//!
//! `layout` says how entries lie in the engine, `judge` how good a hit is; here the two meet
//! the engine. Not here: the numbered table that feeds it (the app), rights (callers pass
//! audience tokens). Surprising rules: an index that cannot be read is emptied, never
//! mended; the engine's writer, with its memory and its lock, lives only from the first
//! change to the next commit.

use crate::card::Card;
use crate::judge::{Counts, Frequencies, Judged, QUESTION_WORDS, Question};
use crate::layout::{Fields, VERSION, schema};
use crate::query::{Answer, Query, Reach};
use crate::words::words;
use crate::{Entry, Error, Kind, Result, clause, extract};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use tantivy::collector::{Count, TopDocs};
use tantivy::directory::{Directory, INDEX_WRITER_LOCK, MmapDirectory};
use tantivy::indexer::IndexWriterOptions;
use tantivy::query::{
    BooleanQuery, BoostQuery, ConstScoreQuery, Occur, Query as EngineQuery, TermQuery,
};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{
    DocAddress, IndexReader, IndexSettings, IndexWriter, ReloadPolicy, Searcher, TantivyDocument,
    TantivyError, Term,
};
use tokio::sync::Semaphore;

/// Candidates that are judged; 30 would do on most questions.
const JUDGED: usize = 80;
/// Words judged for one question over all candidates; long book sections use it up sooner.
const JUDGED_BYTES: usize = 4 * 400_000;
/// An index up to this size has its checksums verified at opening (a few tens of ms).
const VERIFIED_BYTES: u64 = 64 * 1024 * 1024;
/// A stored block; small, because a question reads many entries that lie apart.
const BLOCK_BYTES: usize = 8 * 1024;
/// Words of a question taken as a name or title: all must be there.
const ALL_WORDS: usize = 3;
/// A word in more than this share of the entries does not fetch candidates by itself.
const COMMON_SHARE: f32 = 0.1;
/// Bytes of a question that are read at all.
const QUESTION_BYTES: usize = 4_096;

/// How much the writer may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WriterLimits {
    /// Memory for entries not yet written out, bytes over all threads; at least 15 MB a thread.
    pub memory_bytes: usize,
    /// Indexing threads.
    pub threads: usize,
}

impl Default for WriterLimits {
    fn default() -> Self {
        WriterLimits {
            memory_bytes: 30_000_000,
            threads: 1,
        }
    }
}

/// The index. Cheap to clone; all clones are the same index.
#[derive(Clone)]
pub struct Index {
    shared: Arc<Shared>,
}

struct Shared {
    engine: tantivy::Index,
    reader: IndexReader,
    fields: Fields,
    limits: WriterLimits,
    writer: Mutex<Option<IndexWriter>>,
    last_seq: AtomicU64,
    was_reset: bool,
    places: Arc<Semaphore>,
}

impl std::fmt::Debug for Index {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Index")
            .field("last_seq", &self.shared.last_seq)
            .field("was_reset", &self.shared.was_reset)
            .finish_non_exhaustive()
    }
}

/// What a commit remembers.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Payload {
    version: u32,
    seq: u64,
}

impl Index {
    /// Opens the index in `dir`, or starts an empty one. An index of another version, or one
    /// that cannot be read, is emptied; then [`Index::was_reset`] is true and the caller
    /// feeds it again from number 0.
    ///
    /// # Errors
    /// When the folder cannot be read or written, or must be emptied while another process
    /// writes to it.
    pub fn open(dir: &Path) -> Result<Index> {
        Index::open_with(dir, WriterLimits::default())
    }

    /// [`Index::open`] with other limits for the writer.
    ///
    /// # Errors
    /// As [`Index::open`].
    pub fn open_with(dir: &Path, limits: WriterLimits) -> Result<Index> {
        std::fs::create_dir_all(dir)?;
        if !dir.join("meta.json").exists() {
            return Index::start(create(dir)?, 0, false, limits);
        }
        let mut trouble = Error::Damaged;
        // A running server may merge files away between two looks: look three times.
        for _ in 0..3 {
            match read(dir) {
                Ok((engine, seq)) => return Index::start(engine, seq, false, limits),
                Err(error) => trouble = error,
            }
        }
        tracing::warn!(error = ?trouble, "search index is unusable and starts empty");
        empty(dir)?;
        Index::start(create(dir)?, 0, true, limits)
    }

    /// An index that lives in memory, for tests and small tools.
    ///
    /// # Errors
    /// When the engine cannot start.
    pub fn in_memory() -> Result<Index> {
        let engine = builder().create_in_ram()?;
        Index::start(engine, 0, false, WriterLimits::default())
    }

    fn start(
        engine: tantivy::Index,
        seq: u64,
        was_reset: bool,
        limits: WriterLimits,
    ) -> Result<Index> {
        let reader = engine
            .reader_builder()
            .reload_policy(ReloadPolicy::Manual)
            .doc_store_cache_num_blocks(64)
            .try_into()?;
        let cores = std::thread::available_parallelism().map_or(2, |cores| cores.get());
        let (_, fields) = schema();
        Ok(Index {
            shared: Arc::new(Shared {
                engine,
                reader,
                fields,
                limits,
                writer: Mutex::new(None),
                last_seq: AtomicU64::new(seq),
                was_reset,
                places: Arc::new(Semaphore::new(cores)),
            }),
        })
    }

    /// Whether opening found an unusable index and emptied it.
    #[must_use]
    pub fn was_reset(&self) -> bool {
        self.shared.was_reset
    }

    /// Number of entries that are visible now.
    #[must_use]
    pub fn entries(&self) -> u64 {
        self.shared.reader.searcher().num_docs()
    }

    /// Sees what another process has committed; one's own commits are seen at once.
    ///
    /// # Errors
    /// When the files cannot be read.
    pub fn refresh(&self) -> Result<()> {
        self.shared.reader.reload()?;
        if let Some(payload) = payload(&self.shared.engine) {
            self.shared.last_seq.store(payload.seq, Ordering::Release);
        }
        Ok(())
    }

    /// The handle to the single writer. Handles share one writer and take turns.
    #[must_use]
    pub fn writer(&self) -> Writer {
        Writer {
            shared: Arc::clone(&self.shared),
        }
    }

    /// Answers a question. Sync CPU work of some milliseconds: async callers use
    /// [`Index::find`]. A question without a word gets an empty answer.
    ///
    /// # Errors
    /// When the index cannot be read, [`Error::Damaged`] when its bytes make no sense.
    pub fn search(&self, query: &Query) -> Result<Answer> {
        let started = Instant::now();
        // Damaged files can make the engine panic; a visitor's search must not end so.
        let answered = catch_unwind(AssertUnwindSafe(|| self.shared.answer(query)));
        let mut answer = answered.map_err(|_| Error::Damaged)??;
        answer.took_us = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
        Ok(answer)
    }

    /// [`Index::search`] off the async threads, at most as many at once as there are cores.
    ///
    /// # Errors
    /// As [`Index::search`].
    pub async fn find(&self, query: Query) -> Result<Answer> {
        let place = Arc::clone(&self.shared.places).acquire_owned().await;
        let index = self.clone();
        tokio::task::spawn_blocking(move || {
            // Held until the work is done, even when the asker has gone away.
            let _place = place;
            index.search(&query)
        })
        .await
        .unwrap_or(Err(Error::Damaged))
    }
}

/// Handle to the single writer of an [`Index`]. Every call may block (disk, another handle).
#[derive(Clone)]
pub struct Writer {
    shared: Arc<Shared>,
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer").finish_non_exhaustive()
    }
}

impl Writer {
    /// Adds an entry, or replaces the one with its id. Visible after [`Writer::commit`].
    ///
    /// # Errors
    /// [`Error::Busy`] when another process writes; faults of the disk.
    pub fn put(&self, entry: &Entry) -> Result<()> {
        let fields = self.shared.fields;
        let document = fields.document(entry);
        self.with(|writer| {
            writer.delete_term(Term::from_field_text(fields.id, &entry.id));
            writer.add_document(document)?;
            Ok(())
        })
    }

    /// Removes the entry with this id, if there is one.
    ///
    /// # Errors
    /// As [`Writer::put`].
    pub fn remove(&self, id: &str) -> Result<()> {
        let term = Term::from_field_text(self.shared.fields.id, id);
        self.with(|writer| {
            writer.delete_term(term);
            Ok(())
        })
    }

    /// Removes every entry that belongs to this parent (not the parent itself).
    ///
    /// # Errors
    /// As [`Writer::put`].
    pub fn remove_parent(&self, parent_id: &str) -> Result<()> {
        let term = Term::from_field_text(self.shared.fields.parent, parent_id);
        self.with(|writer| {
            writer.delete_term(term);
            Ok(())
        })
    }

    /// Makes all changes durable and visible and remembers `seq`, the number of the last
    /// one. Then the writer's memory and lock are given back.
    ///
    /// # Errors
    /// As [`Writer::put`]; the changes since the last commit are then lost and
    /// [`Writer::last_seq`] says from where to feed again.
    pub fn commit(&self, seq: u64) -> Result<()> {
        let mut held = self.held();
        let mut writer = match held.take() {
            Some(writer) => writer,
            None => self.shared.open_writer()?,
        };
        let mut prepared = writer.prepare_commit()?;
        let payload = Payload {
            version: VERSION,
            seq,
        };
        prepared.set_payload(&serde_json::to_string(&payload).map_err(std::io::Error::other)?);
        prepared.commit()?;
        writer.wait_merging_threads()?;
        self.shared.last_seq.store(seq, Ordering::Release);
        self.shared.reader.reload()?;
        Ok(())
    }

    /// Forgets all changes since the last commit.
    ///
    /// # Errors
    /// Faults of the disk.
    pub fn abandon(&self) -> Result<()> {
        match self.held().take() {
            Some(mut writer) => {
                writer.rollback()?;
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Removes every entry and sets the number back to 0, for `reindex`.
    ///
    /// # Errors
    /// As [`Writer::put`].
    pub fn clear(&self) -> Result<()> {
        self.with(|writer| {
            writer.delete_all_documents()?;
            Ok(())
        })?;
        self.commit(0)
    }

    /// The number given to the last commit; 0 for an index without one.
    #[must_use]
    pub fn last_seq(&self) -> u64 {
        self.shared.last_seq.load(Ordering::Acquire)
    }

    fn held(&self) -> MutexGuard<'_, Option<IndexWriter>> {
        // A panic while writing leaves changes that were never committed; they are fed again.
        self.shared
            .writer
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn with(&self, change: impl FnOnce(&IndexWriter) -> Result<()>) -> Result<()> {
        let mut held = self.held();
        let writer = match held.take() {
            Some(writer) => writer,
            None => self.shared.open_writer()?,
        };
        let done = change(&writer);
        // A writer that failed once fails for ever: it is dropped, the next call opens anew.
        if done.is_ok() {
            *held = Some(writer);
        }
        done
    }
}

impl Shared {
    fn open_writer(&self) -> Result<IndexWriter> {
        let threads = self.limits.threads.clamp(1, 8);
        let options = IndexWriterOptions::builder()
            .num_worker_threads(threads)
            .memory_budget_per_thread((self.limits.memory_bytes / threads).max(15_000_000))
            .num_merge_threads(1)
            .build();
        match self.engine.writer_with_options(options) {
            Err(TantivyError::LockFailure(..)) => Err(Error::Busy),
            other => Ok(other?),
        }
    }

    fn answer(&self, query: &Query) -> Result<Answer> {
        let limit = query.limit.min(Query::LIMIT_MAX);
        let offset = query.offset.min(Query::OFFSET_MAX);
        let text = query
            .text
            .get(..query.text.floor_char_boundary(QUESTION_BYTES))
            .unwrap_or_default();
        let words = words(text, QUESTION_WORDS);
        let searcher = self.reader.searcher();
        let known = Known::new(&searcher, self.fields);
        let Some(question) = Question::weigh(&words, &known) else {
            return Ok(Answer::default());
        };
        let Some(within) = self.within(&query.reach, query.kinds.as_deref()) else {
            return Ok(Answer::default());
        };

        let within = match self.as_spelled(&searcher, &question, within.as_ref())? {
            Some(spelled) => spelled,
            None => within,
        };
        let within = match query.every_word {
            true => self.with_every_word(&question, within),
            false => within,
        };

        let depth = JUDGED.max(offset + limit);
        let mut total = 0;
        let mut found: Vec<(f32, DocAddress)> = Vec::new();
        for net in self.nets(&question, known.entries()) {
            let both = BooleanQuery::new(vec![
                (Occur::Must, net.query),
                (Occur::Must, within.box_clone()),
            ]);
            let collector = (Count, TopDocs::with_limit(depth).order_by_score());
            (total, found) = searcher.search(&both, &collector)?;
            if total >= net.enough {
                break;
            }
        }

        let mut documents = Vec::with_capacity(found.len().min(JUDGED));
        let mut budget = JUDGED_BYTES;
        for (_, address) in found.iter().take(JUDGED) {
            let document: TantivyDocument = searcher.doc(*address)?;
            let size = self.fields.card(&document).len();
            documents.push(document);
            if size >= budget {
                break;
            }
            budget -= size;
        }
        let judged_count = documents.len();
        let mut judged = self.judge(&question, documents);
        judged.sort_by(|a, b| {
            b.0.score
                .total_cmp(&a.0.score)
                .then_with(|| a.0.article.cmp(&b.0.article))
                .then_with(|| self.fields.id_of(&a.1).cmp(self.fields.id_of(&b.1)))
        });

        if let Some(most) = query.of_one {
            judged = self.spread(judged, most);
        }

        let mut hits = Vec::with_capacity(limit);
        for (judged, document) in judged.iter().skip(offset).take(limit) {
            let clauses = clause::clauses(self.fields.body(document));
            let heads = self.fields.heads(document);
            let pieces = extract::telling(&clauses, judged.clause, &heads, &question);
            hits.push(self.fields.hit(document, judged.score, pieces));
        }
        // Beyond what was judged the engine's own order goes on, below every judged hit.
        let rest = found.iter().enumerate().skip(judged_count.max(offset));
        for (at, (_, address)) in rest.take(limit - hits.len()) {
            let document: TantivyDocument = searcher.doc(*address)?;
            let clauses = clause::clauses(self.fields.body(&document));
            let heads = self.fields.heads(&document);
            let pieces = extract::telling(&clauses, 0, &heads, &question);
            let score = -(at as f32);
            hits.push(self.fields.hit(&document, score, pieces));
        }
        Ok(Answer {
            total,
            is_loose: total > 0 && self.is_loose(&searcher, &question, within)?,
            hits,
            took_us: 0,
        })
    }

    /// What is within and has the words of a short question as they were spelled: "quý" is not "quy". `None` where
    /// no marks are expected, or nothing within is spelled so, which is then taken for a slip.
    fn as_spelled(
        &self,
        searcher: &Searcher,
        question: &Question,
        within: &dyn EngineQuery,
    ) -> Result<Option<Box<dyn EngineQuery>>> {
        let spelled = question.terms.iter().filter_map(|one| one.exact.as_deref());
        let mut every: Vec<(Occur, Box<dyn EngineQuery>)> = spelled
            .map(|exact| {
                let word = term(self.fields.exact, exact, IndexRecordOption::Basic);
                // The order stays that of the nets: spelling only says who is among them.
                let silent = ConstScoreQuery::new(word, 0.0);
                (Occur::Must, Box::new(silent) as Box<dyn EngineQuery>)
            })
            .collect();
        if question.length > extract::EXACT || every.is_empty() || !question.symbols.is_empty() {
            return Ok(None);
        }
        every.push((Occur::Must, within.box_clone()));
        let spelled = BooleanQuery::new(every);
        let count = searcher.search(&spelled, &Count)?;
        Ok((count > 0).then(|| Box::new(spelled) as Box<dyn EngineQuery>))
    }

    /// What is within and has every word of the question.
    fn with_every_word(
        &self,
        question: &Question,
        within: Box<dyn EngineQuery>,
    ) -> Box<dyn EngineQuery> {
        let mut every: Vec<(Occur, Box<dyn EngineQuery>)> = vec![(Occur::Must, within)];
        for one in &question.terms {
            let word = term(self.fields.folded, &one.folded, IndexRecordOption::Basic);
            every.push((Occur::Must, word));
        }
        Box::new(BooleanQuery::new(every))
    }

    /// Whether no entry within reach has every word of a question that is short enough to mean each of them.
    fn is_loose(
        &self,
        searcher: &Searcher,
        question: &Question,
        within: Box<dyn EngineQuery>,
    ) -> Result<bool> {
        if question.length > 2 * ALL_WORDS || !question.symbols.is_empty() {
            return Ok(false);
        }
        let every = self.with_every_word(question, within);
        Ok(searcher.search(&every, &Count)? == 0)
    }

    /// The same hits, those of one whole beyond the first few behind all others.
    fn spread(
        &self,
        judged: Vec<(Judged, TantivyDocument)>,
        most: usize,
    ) -> Vec<(Judged, TantivyDocument)> {
        let mut seen: HashMap<String, usize> = HashMap::new();
        let (mut first, behind): (Vec<_>, Vec<_>) =
            judged.into_iter().partition(|(_, document)| {
                let count = seen
                    .entry(self.fields.whole_of(document).to_owned())
                    .or_default();
                *count += 1;
                *count <= most
            });
        first.extend(behind);
        first
    }

    fn judge(
        &self,
        question: &Question,
        documents: Vec<TantivyDocument>,
    ) -> Vec<(Judged, TantivyDocument)> {
        let (mut words, mut clauses) = (0, 0);
        for document in &documents {
            let card = Card::read(self.fields.card(document));
            let prefix = card.context.len() + card.head.len();
            for clause in card.clauses() {
                words += clause.len() + prefix;
                clauses += 1;
            }
        }
        let mean = if clauses == 0 {
            1.0
        } else {
            (words as f32 / clauses as f32).max(1.0)
        };
        let mut counts = Counts::for_question(question);
        documents
            .into_iter()
            .map(|document| {
                let card = Card::read(self.fields.card(&document));
                (question.judge(&card, mean, &mut counts), document)
            })
            .collect()
    }

    /// The filter of reach and kinds; `None` when nothing can pass.
    fn within(&self, reach: &Reach, kinds: Option<&[Kind]>) -> Option<Box<dyn EngineQuery>> {
        let mut musts = vec![
            any(
                self.fields.audience,
                reach.tokens.iter().map(String::as_str),
            )?,
            any(self.fields.also, reach.tokens.iter().map(String::as_str))?,
        ];
        if let Some(kinds) = kinds {
            musts.push(any(
                self.fields.kind,
                kinds.iter().map(|kind| kind.as_str()),
            )?);
        }
        let musts = musts
            .into_iter()
            .map(|query| (Occur::Must, query))
            .collect();
        Some(Box::new(ConstScoreQuery::new(
            Box::new(BooleanQuery::new(musts)),
            0.0,
        )))
    }

    /// The nets to throw for candidates, one after another until one holds enough.
    fn nets(&self, question: &Question, entries: f32) -> Vec<Net> {
        let fields = self.fields;
        let mut always: Vec<Box<dyn EngineQuery>> = Vec::new();
        for (symbol, _) in &question.symbols {
            let has = || term(fields.symbol_terms, symbol, IndexRecordOption::Basic);
            always.push(Box::new(ConstScoreQuery::new(has(), 100.0)));
            // A law has hundreds of articles with its symbol; the law itself must be among
            // the candidates.
            let itself = crate::layout::of_itself(symbol);
            let itself = term(fields.symbol_terms, &itself, IndexRecordOption::Basic);
            always.push(Box::new(ConstScoreQuery::new(itself, 100.0)));
        }
        let mut words: Vec<Box<dyn EngineQuery>> = Vec::new();
        let mut rare: Vec<Box<dyn EngineQuery>> = Vec::new();
        for one in &question.terms {
            let counted = || term(fields.folded, &one.folded, IndexRecordOption::WithFreqs);
            words.push(counted());
            if one.having <= COMMON_SHARE * entries {
                rare.push(counted());
            }
        }
        let pairs = |boost_article: f32| -> Vec<Box<dyn EngineQuery>> {
            question
                .pairs
                .iter()
                .filter(|(_, having)| *having > 0.0)
                .map(|(pair, _)| {
                    let query = term(fields.pairs, pair, IndexRecordOption::WithFreqs);
                    let number = pair.strip_prefix("dieu_");
                    let is_article = number
                        .is_some_and(|number| number.starts_with(|c: char| c.is_ascii_digit()));
                    let boost = if is_article { boost_article } else { 1.0 };
                    Box::new(BoostQuery::new(query, boost)) as Box<dyn EngineQuery>
                })
                .collect()
        };
        // For names and titles: the heading, and the very spelling.
        let mut helpers: Vec<Box<dyn EngineQuery>> = Vec::new();
        if question.length <= 2 * ALL_WORDS {
            for one in &question.terms {
                let head = term(fields.head, &one.folded, IndexRecordOption::WithFreqs);
                helpers.push(Box::new(BoostQuery::new(head, 1.5)));
                if let Some(exact) = &one.exact {
                    let exact = term(fields.exact, exact, IndexRecordOption::Basic);
                    helpers.push(Box::new(ConstScoreQuery::new(exact, 3.0)));
                }
            }
        }
        let with = |own: Vec<Box<dyn EngineQuery>>, always: &[Box<dyn EngineQuery>]| {
            let mut all = own;
            all.extend(always.iter().map(|query| query.box_clone()));
            all.into_iter()
                .map(|query| (Occur::Should, query))
                .collect::<Vec<_>>()
        };
        let mut nets = Vec::new();
        if question.length <= ALL_WORDS {
            let mut all: Vec<(Occur, Box<dyn EngineQuery>)> = words
                .iter()
                .map(|query| (Occur::Must, query.box_clone()))
                .collect();
            all.extend(pairs(1.0).into_iter().map(|query| (Occur::Should, query)));
            all.extend(
                helpers
                    .iter()
                    .map(|query| (Occur::Should, query.box_clone())),
            );
            let all: Box<dyn EngineQuery> = Box::new(BooleanQuery::new(all));
            nets.push(Net {
                query: Box::new(BooleanQuery::new(with(vec![all], &always))),
                enough: 1,
            });
        } else {
            let mut own = pairs(4.0);
            own.extend(rare);
            own.extend(helpers.iter().map(|query| query.box_clone()));
            nets.push(Net {
                query: Box::new(BooleanQuery::new(with(own, &always))),
                enough: 10,
            });
        }
        let mut own = words;
        own.extend(pairs(4.0));
        own.extend(helpers);
        nets.push(Net {
            query: Box::new(BooleanQuery::new(with(own, &always))),
            enough: 0,
        });
        nets
    }
}

/// One way to fetch candidates, and how many make a wider net needless.
struct Net {
    query: Box<dyn EngineQuery>,
    enough: usize,
}

/// Document frequencies of one state of the index.
struct Known<'a> {
    searcher: &'a Searcher,
    fields: Fields,
}

impl<'a> Known<'a> {
    fn new(searcher: &'a Searcher, fields: Fields) -> Known<'a> {
        Known { searcher, fields }
    }

    fn having(&self, field: Field, text: &str) -> f32 {
        // An unreadable dictionary shows itself in the search that follows; a weight needs
        // no error of its own.
        let term = Term::from_field_text(field, text);
        self.searcher.doc_freq(&term).unwrap_or(0) as f32
    }
}

impl Frequencies for Known<'_> {
    fn entries(&self) -> f32 {
        let segments = self.searcher.segment_readers().iter();
        segments.map(|segment| segment.max_doc()).sum::<u32>() as f32
    }
    fn folded(&self, word: &str) -> f32 {
        self.having(self.fields.folded, word)
    }
    fn exact(&self, word: &str) -> f32 {
        self.having(self.fields.exact, word)
    }
    fn pair(&self, pair: &str) -> f32 {
        self.having(self.fields.pairs, pair)
    }
    fn symbol(&self, term: &str) -> f32 {
        self.having(self.fields.symbol_terms, term)
    }
}

fn term(field: Field, text: &str, record: IndexRecordOption) -> Box<dyn EngineQuery> {
    Box::new(TermQuery::new(Term::from_field_text(field, text), record))
}

/// Entries with any of these words in a field; `None` without a word.
fn any<'a>(field: Field, words: impl Iterator<Item = &'a str>) -> Option<Box<dyn EngineQuery>> {
    let any: Vec<_> = words
        .map(|word| (Occur::Should, term(field, word, IndexRecordOption::Basic)))
        .collect();
    (!any.is_empty()).then(|| Box::new(BooleanQuery::new(any)) as Box<dyn EngineQuery>)
}

fn builder() -> tantivy::IndexBuilder {
    let (schema, _) = schema();
    tantivy::Index::builder()
        .schema(schema)
        .settings(IndexSettings {
            docstore_blocksize: BLOCK_BYTES,
            docstore_compress_dedicated_thread: false,
            ..IndexSettings::default()
        })
}

fn create(dir: &Path) -> Result<tantivy::Index> {
    Ok(builder().create_in_dir(dir)?)
}

/// Reads an index that is there; any trouble means that it must start anew.
fn read(dir: &Path) -> Result<(tantivy::Index, u64)> {
    let read = || -> Result<(tantivy::Index, u64)> {
        let engine = tantivy::Index::open_in_dir(dir)?;
        let (wanted, _) = schema();
        if engine.schema() != wanted {
            return Err(Error::Damaged);
        }
        let segments = engine.searchable_segment_ids()?.len();
        let seq = match payload(&engine) {
            Some(payload) if payload.version == VERSION => payload.seq,
            None if segments == 0 => 0,
            _ => return Err(Error::Damaged),
        };
        let mut size = 0;
        for file in std::fs::read_dir(dir)? {
            size += file?.metadata()?.len();
        }
        if size <= VERIFIED_BYTES && !engine.validate_checksum()?.is_empty() {
            return Err(Error::Damaged);
        }
        // Opens every segment once.
        let _reader: IndexReader = engine.reader()?;
        Ok((engine, seq))
    };
    catch_unwind(AssertUnwindSafe(read)).map_err(|_| Error::Damaged)?
}

fn payload(engine: &tantivy::Index) -> Option<Payload> {
    // No readable payload is the same as none: the caller starts anew.
    let metas = engine.load_metas().ok()?;
    serde_json::from_str(&metas.payload?).ok()
}

/// Removes the files of an index, and only those: a folder named by mistake keeps the rest.
fn empty(dir: &Path) -> Result<()> {
    let directory = MmapDirectory::open(dir).map_err(TantivyError::from)?;
    let lock = directory.acquire_lock(&INDEX_WRITER_LOCK);
    let _lock = lock.map_err(|_| Error::Busy)?;
    for file in std::fs::read_dir(dir)? {
        let path = file?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        let name = name.unwrap_or_default();
        let ours = name == "meta.json"
            || name == ".managed.json"
            || path
                .extension()
                .and_then(|ending| ending.to_str())
                .is_some_and(|ending| {
                    name.len() >= 32
                        && [
                            "idx",
                            "pos",
                            "term",
                            "store",
                            "fast",
                            "fieldnorm",
                            "del",
                            "temp",
                        ]
                        .contains(&ending)
                });
        if ours {
            std::fs::remove_file(&path)?;
        }
    }
    Ok(())
}
