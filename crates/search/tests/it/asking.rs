//! What is found, and what comes first.

use crate::{ask, entry, ids, shelf};
use search::{Entry, Hit, Index, Kind, Query, Reach};

#[test]
fn case_composition_and_tone_place_change_nothing() {
    let index = shelf();
    let typed = ask(&index, "tổ hòa giải mời hai bên");
    assert_eq!(ids(&typed).first(), Some(&"b7"));
    for other in [
        "TỔ HÒA GIẢI MỜI HAI BÊN",
        "tổ hoà giải mời hai bên",
        "to\u{309} ho\u{300}a gia\u{309}i mơ\u{300}i hai bên",
        "  tổ   hòa giải,\nmời hai bên?  ",
    ] {
        let answer = ask(&index, other);
        assert_eq!(answer.hits, typed.hits, "{other}");
        assert_eq!(answer.total, typed.total, "{other}");
    }
}

#[test]
fn without_marks_the_same_article_comes_first() {
    let index = shelf();
    for (question, first) in [
        ("to hoa giai moi hai ben noi chuyen", "b7"),
        ("nguoi giu vuon tuoi nuoc may lan moi ngay", "g7"),
        ("cong vuon dong luc may gio", "d294"),
        ("người giu vườn tuoi nước mấy lan", "g7"),
    ] {
        assert_eq!(
            ids(&ask(&index, question)).first(),
            Some(&first),
            "{question}"
        );
    }
}

#[test]
fn exact_marks_come_before_the_same_letters_with_others() {
    let index = Index::in_memory().unwrap();
    let writer = index.writer();
    let bodies = [
        ("ma", "Con ma trong chuyện kể của bà."),
        ("má", "Con má trong chuyện kể của bà."),
        ("mạ", "Con mạ trong chuyện kể của bà."),
    ];
    for (id, body) in bodies {
        writer
            .put(&entry(id, Kind::of("article"), "Chuyện kể", body))
            .unwrap();
    }
    writer.commit(1).unwrap();
    for (question, first) in [
        ("mạ", "mạ"),
        ("má", "má"),
        ("con mạ trong chuyện", "mạ"),
        ("con má trong chuyện", "má"),
    ] {
        let answer = ask(&index, question);
        // A word or two mean themselves; in a longer question a word with other marks may be a slip.
        let total = if question.contains(' ') { 3 } else { 1 };
        assert_eq!(answer.total, total, "{question}");
        assert_eq!(ids(&answer).first(), Some(&first), "{question}");
    }
    assert_eq!(ask(&index, "ma").total, 3);
    assert_eq!(ask(&index, "mả").total, 3, "spelled so nowhere: a slip");
}

#[test]
fn a_symbol_finds_its_document_first_however_it_is_written() {
    let index = shelf();
    for question in [
        "12-QĐ/ĐU",
        "12/QĐ-ĐU",
        "12 qd du",
        "12-qđ",
        "quyết định số 12-QĐ/ĐU",
        "012-QĐ/ĐU",
    ] {
        assert_eq!(
            ids(&ask(&index, question)).first(),
            Some(&"d12"),
            "{question}"
        );
    }
    // A lone number is a symbol before it is a number in a text.
    assert_eq!(ids(&ask(&index, "294")).first(), Some(&"d294"));
    assert_eq!(ids(&ask(&index, "số 294")).first(), Some(&"d294"));
    // 29 is not the beginning of 294.
    assert_eq!(ids(&ask(&index, "29")).first(), Some(&"d29"));
}

#[test]
fn whoever_asks_for_a_symbol_reads_the_passage_with_it_or_none() {
    let index = Index::in_memory().unwrap();
    let writer = index.writer();
    let of = |id: &str, symbol: &str, body: &str| Entry {
        symbol: Some(symbol.to_owned()),
        ..entry(id, Kind::of("document"), "Nền nếp sinh hoạt", body)
    };
    let bodies = [
        of("old", "05-QĐ/ĐU", "Họp đủ người, theo QĐ của ĐU."),
        of(
            "new",
            "12-QĐ/ĐU",
            "Họp đủ người, theo QĐ của ĐU.\nThay Quy định số 05-QĐ/ĐU từ nay.",
        ),
    ];
    for one in &bodies {
        writer.put(one).unwrap();
    }
    writer.commit(1).unwrap();
    let answer = ask(&index, "05-QĐ/ĐU");
    assert_eq!(ids(&answer).first(), Some(&"old"));
    for hit in &answer.hits {
        let marked: Vec<&str> = (hit.extract.iter())
            .filter(|piece| piece.marked)
            .map(|piece| piece.text.as_str())
            .collect();
        match hit.id.as_str() {
            "new" => assert_eq!(marked, ["05-QĐ/ĐU"]),
            _ => assert!(hit.extract.is_empty(), "{:?}", hit.extract),
        }
    }
}

#[test]
fn a_law_comes_before_its_many_articles() {
    let index = Index::in_memory().unwrap();
    let writer = index.writer();
    let law = |id: &str, kind: Kind, title: &str| Entry {
        symbol: Some("77/2031/QH20".to_owned()),
        parent_id: (id != "law").then(|| "law".to_owned()),
        ..entry(id, kind, title, "Nói về số 77 và năm 2031.")
    };
    for number in 1..=150 {
        let title = format!("Điều {number}. Việc thứ {number}");
        writer
            .put(&law(&format!("p{number}"), Kind::of("provision"), &title))
            .unwrap();
    }
    writer
        .put(&law("law", Kind::of("document"), "Luật Đèn lồng"))
        .unwrap();
    writer.commit(1).unwrap();
    for question in ["77/2031/QH20", "77/2031", "77-QH20", "luật số 77/2031/QH20"] {
        let answer = ask(&index, question);
        assert_eq!(ids(&answer).first(), Some(&"law"), "{question}");
        assert_eq!(answer.total, 151);
    }
    assert_eq!(
        ids(&ask(&index, "điều 98 77/2031/QH20")).first(),
        Some(&"p98")
    );
}

#[test]
fn an_article_number_with_its_law_finds_the_article() {
    let index = shelf();
    for (question, first) in [
        ("Điều 7 Luật Cầu gỗ", "b7"),
        ("dieu 7 luat vuon chung", "g7"),
        ("điều 1 luật cầu gỗ quy định gì", "b1"),
    ] {
        assert_eq!(
            ids(&ask(&index, question)).first(),
            Some(&first),
            "{question}"
        );
    }
}

#[test]
fn a_title_comes_before_texts_that_mention_it() {
    let index = shelf();
    assert_eq!(
        ids(&ask(&index, "sổ tay người giữ vườn")).first(),
        Some(&"t1")
    );
    assert_eq!(ids(&ask(&index, "so tay")).first(), Some(&"t1"));
    assert_eq!(ids(&ask(&index, "hạt giống")).first(), Some(&"s1"));
    assert_eq!(ids(&ask(&index, "đua thuyền")).first(), Some(&"n1"));
    assert_eq!(ids(&ask(&index, "thuyền")), ["n1"]);
}

#[test]
fn the_extract_shows_the_best_clause_with_found_words_marked() {
    let index = shelf();
    for question in ["chiều tưới lá", "chieu tuoi la"] {
        let answer = ask(&index, question);
        let hit = answer.hits.first().unwrap();
        assert_eq!(hit.id, "g7");
        let text: String = hit
            .extract
            .iter()
            .map(|piece| piece.text.as_str())
            .collect();
        assert!(text.contains("b) Chiều tưới lá."), "{text}");
        assert!(!text.contains("Ngày mưa"), "only the clause: {text}");
        let marked: Vec<&str> = hit
            .extract
            .iter()
            .filter(|piece| piece.marked)
            .map(|piece| piece.text.as_str())
            .collect();
        assert!(marked.contains(&"Chiều tưới lá"), "{marked:?}");
    }
}

#[test]
fn a_long_clause_is_cut_at_words_around_what_was_found() {
    let index = Index::in_memory().unwrap();
    let filler = "một hai ba bốn năm sáu bảy tám chín mười ".repeat(60);
    let body = format!("{filler}chiếc đèn lồng đỏ treo trước cổng {filler}");
    let writer = index.writer();
    writer
        .put(&entry("l", Kind::of("section"), "Đêm hội", &body))
        .unwrap();
    writer.commit(1).unwrap();
    let answer = ask(&index, "đèn lồng đỏ");
    let extract = &answer.hits.first().unwrap().extract;
    let text: String = extract.iter().map(|piece| piece.text.as_str()).collect();
    let length = text.chars().count();
    assert!((150..=260).contains(&length), "{length}: {text}");
    assert!(text.starts_with("… ") && text.ends_with(" …"), "{text}");
    assert!(
        extract
            .iter()
            .any(|piece| piece.marked && piece.text == "đèn lồng đỏ")
    );
    let inner = text.trim_matches(|c| c == '…' || c == ' ');
    assert!(
        inner
            .split(' ')
            .all(|word| body.split_whitespace().any(|own| own == word))
    );
}

#[test]
fn a_chosen_kind_hides_the_others() {
    let index = shelf();
    let mut query = Query::new("người giữ vườn", Reach::public());
    query.kinds = Some(vec![Kind::of("article"), Kind::of("section")]);
    let answer = index.search(&query).unwrap();
    assert_eq!(answer.total, 2);
    assert!(
        answer
            .hits
            .iter()
            .all(|hit| matches!(hit.kind.as_str(), "article" | "section"))
    );
    query.kinds = Some(Vec::new());
    assert_eq!(index.search(&query).unwrap().total, 0);
}

#[test]
fn pages_follow_one_another_without_gap_or_repeat() {
    let index = Index::in_memory().unwrap();
    let writer = index.writer();
    for number in 0..130 {
        let body = format!("Bản ghi chép số {number} về mùa gặt lúa nương.");
        writer
            .put(&entry(
                &format!("e{number}"),
                Kind::of("article"),
                "Mùa gặt",
                &body,
            ))
            .unwrap();
    }
    writer.commit(1).unwrap();
    for text in ["mùa gặt", "ghi chép về mùa gặt lúa"] {
        let mut seen = std::collections::HashSet::new();
        for offset in (0..130).step_by(25) {
            let mut query = Query::new(text, Reach::public());
            (query.limit, query.offset) = (25, offset);
            let answer = index.search(&query).unwrap();
            assert_eq!(answer.total, 130);
            seen.extend(answer.hits.into_iter().map(|hit| hit.id));
        }
        assert_eq!(seen.len(), 130, "{text}");
    }
}

#[test]
fn anything_may_be_typed() {
    let index = shelf();
    let long = "Điều 7 \"vườn\" AND (cầu OR ".repeat(400);
    let wordless = ["", "   ", "?!… — «»", "🙂🙂", "\u{300}\u{301}", "\0"];
    for text in wordless {
        let answer = ask(&index, text);
        assert_eq!((answer.total, answer.hits.len()), (0, 0), "{text:?}");
    }
    for text in [
        long.as_str(),
        "title:vườn^5 OR *:* [a TO z]",
        "vườn🙂cầu",
        "-vườn +cầu ~2 \\",
        &"ă".repeat(10_000),
        &"99999999999999999999 ".repeat(500),
        "điều 99999999999999999999",
        "한국어 日本語 العربية",
    ] {
        ask(&index, text);
    }
    assert!(ask(&index, &long).total > 0);
    let mut greedy = Query::new("vườn", Reach::public());
    (greedy.limit, greedy.offset) = (usize::MAX, 0);
    assert!(index.search(&greedy).unwrap().hits.len() <= Query::LIMIT_MAX);
    greedy.offset = usize::MAX;
    assert!(index.search(&greedy).unwrap().hits.is_empty());
}

#[tokio::test]
async fn finding_off_the_async_threads_answers_the_same() {
    let index = shelf();
    let here = ask(&index, "tưới nước");
    let there = index
        .find(Query::new("tưới nước", Reach::public()))
        .await
        .unwrap();
    assert_eq!(here.hits, there.hits);
}

#[test]
fn an_extract_always_holds_a_found_word() {
    let index = Index::in_memory().unwrap();
    let writer = index.writer();
    let bodies = [
        ("q1", "Quý II", "a) Soạn quy định mới.\nb) Chọn ba chi bộ."),
        (
            "q2",
            "Lịch",
            "Làm theo quy định.\nMỗi quý một kỳ chuyên đề.",
        ),
    ];
    for (id, title, body) in bodies {
        writer
            .put(&entry(id, Kind::of("article"), title, body))
            .unwrap();
    }
    writer.commit(1).unwrap();
    let answer = ask(&index, "quý");
    assert_eq!(answer.hits.len(), 2);
    for hit in &answer.hits {
        let marked: Vec<&str> = hit
            .extract
            .iter()
            .filter(|piece| piece.marked)
            .map(|piece| piece.text.as_str())
            .collect();
        match hit.id.as_str() {
            "q1" => assert_eq!(marked, ["Quý"], "only the title was found"),
            _ => assert_eq!(marked, ["quý"]),
        }
    }
    // A word of which nothing but the context knows is shown there.
    writer
        .put(&Entry {
            context: "Sổ quý III".into(),
            ..entry("q3", Kind::of("article"), "Lịch", "Làm theo quy định.")
        })
        .unwrap();
    writer.commit(2).unwrap();
    let answer = ask(&index, "quý");
    assert_eq!(answer.total, 3);
    let shown = |hit: &Hit| {
        hit.extract
            .iter()
            .any(|piece| piece.marked && piece.text.to_lowercase() == "quý")
    };
    assert!(answer.hits.iter().all(shown), "{:?}", answer.hits);
    // Of common words alone one is shown all the same; a slip in a short question too.
    for question in ["quỷ", "theo quy định của ba chi bộ"] {
        let answer = ask(&index, question);
        assert!(!answer.hits.is_empty(), "{question}");
        for hit in &answer.hits {
            assert!(
                hit.extract.iter().any(|piece| piece.marked),
                "{question}: {hit:?}"
            );
        }
    }
    // Without marks both spellings are meant.
    assert!(
        ask(&index, "quy")
            .hits
            .iter()
            .all(|hit| hit.extract.iter().any(|piece| piece.marked))
    );
}

#[test]
fn two_words_together_come_before_either() {
    let index = Index::in_memory().unwrap();
    let writer = index.writer();
    let bodies = [
        ("together", "Báo tin", "Ai vắng mặt thì báo trước."),
        ("apart", "Mặt", "Con số có mặt và con số vắng đọc to."),
        ("one", "Mật khẩu", "Mật khẩu giữ kín. Mật khẩu đổi được."),
    ];
    for (id, title, body) in bodies {
        writer
            .put(&entry(id, Kind::of("article"), title, body))
            .unwrap();
    }
    writer.commit(1).unwrap();
    for question in ["vắng mặt", "vang mat"] {
        let answer = ask(&index, question);
        assert_eq!(ids(&answer).first(), Some(&"together"), "{question}");
        assert_ne!(ids(&answer).get(1), Some(&"one"), "{question}");
    }
}

#[test]
fn one_document_does_not_fill_the_first_page() {
    let index = Index::in_memory().unwrap();
    let writer = index.writer();
    for nth in 0..12 {
        let mut one = entry(
            &format!("law:{nth}"),
            Kind::of("provision"),
            &format!("Điều {nth}. Họp"),
            "Họp chi bộ, họp tổ, họp đều.",
        );
        one.parent_id = Some("law".into());
        writer.put(&one).unwrap();
    }
    writer
        .put(&entry(
            "other",
            Kind::of("article"),
            "Chuyện khác",
            "Một lần có nói đến họp trong bài dài về vườn cây.",
        ))
        .unwrap();
    writer.commit(1).unwrap();
    let query = Query {
        of_one: Some(3),
        ..Query::new("họp", Reach::public())
    };
    let answer = index.search(&query).unwrap();
    assert_eq!(answer.hits.get(3).map(|hit| hit.id.as_str()), Some("other"));
    assert_eq!(answer.total, 13, "nothing is lost");
    let all = Query { limit: 20, ..query };
    let mut found: Vec<_> = index
        .search(&all)
        .unwrap()
        .hits
        .into_iter()
        .map(|hit| hit.id)
        .collect();
    found.sort();
    found.dedup();
    assert_eq!(found.len(), 13);
}
