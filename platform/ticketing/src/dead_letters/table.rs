//! Dead letters as an operator reads them: all in a table, or one with everything.
use std::fmt::Write as _;

use super::letter::{Letter, printable};

const HEAD: [&str; 7] = [
    "NUMBER", "GIVEN UP", "EVENT", "SUBJECT", "CONSUMER", "ATTEMPTS", "REASON",
];
/// Of a reason, in the table; `show` has all of it.
const REASON_CHARS: usize = 100;

/// One line each, under a head; one sentence when there are none.
pub fn list(letters: &[Letter]) -> String {
    if letters.is_empty() {
        return "there are no dead letters\n".to_owned();
    }
    let rows: Vec<[String; 7]> = letters.iter().map(row).collect();
    let widths: [usize; 7] = std::array::from_fn(|column| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([HEAD[column].len()]).max().unwrap_or_default()
    });
    let mut text = String::new();
    for cells in std::iter::once(&HEAD.map(str::to_owned)).chain(&rows) {
        let mut line = String::new();
        for (cell, width) in cells.iter().zip(widths) {
            // Writing to a String cannot fail.
            let _ = write!(line, "{cell:<width$}  ");
        }
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}

fn row(letter: &Letter) -> [String; 7] {
    let shown = |text: &str| match text {
        "" => "-".to_owned(),
        text => printable(text),
    };
    [
        letter.sequence.to_string(),
        shown(seconds(&letter.time)),
        shown(letter.kind()),
        shown(letter.aggregate()),
        shown(&letter.consumer),
        shown(&letter.attempts),
        shown(&shortened(&letter.reason)),
    ]
}

/// `2026-01-02T03:04:05` of a longer time.
fn seconds(time: &str) -> &str {
    time.get(..19).unwrap_or(time)
}

fn shortened(reason: &str) -> String {
    let mut short: String = reason.chars().take(REASON_CHARS).collect();
    if short.len() < reason.len() {
        short.push('…');
    }
    short
}

/// Every header with its meaning, an empty line, and the event as JSON.
pub fn show(letter: &Letter) -> String {
    let place = format!("message {} of {}", letter.event_sequence, letter.stream);
    let number = letter.sequence.to_string();
    let facts = [
        ("dead letter", number.as_str()),
        ("given up", &letter.time),
        ("by", &letter.consumer),
        ("because", &letter.reason),
        ("attempts", &letter.attempts),
        ("event", &place),
        ("on subject", &letter.subject),
        ("message id", &letter.message_id),
        ("content type", &letter.content_type),
    ];
    let mut text = String::new();
    for (name, value) in facts.iter().filter(|(_, value)| !value.is_empty()) {
        let _ = writeln!(text, "{name:<14}{value}");
    }
    let _ = writeln!(text, "\n{:#}", letter.event());
    text
}

#[cfg(test)]
mod tests {
    use async_nats::HeaderMap;

    use super::*;

    fn letter(sequence: u64, reason: &str) -> Letter {
        let mut headers = HeaderMap::new();
        headers.insert("Dead-Letter-Consumer", "orders");
        headers.insert("Dead-Letter-Reason", reason);
        headers.insert("Dead-Letter-Attempts", "1");
        headers.insert("Dead-Letter-Time", "2026-01-02T03:04:05.678Z");
        headers.insert("Dead-Letter-Stream", "TICKETING");
        headers.insert("Dead-Letter-Sequence", "345");
        let body = br#"{"type":"ticket:created","subject":"t1","data":{}}"#;
        Letter::of(sequence, &headers, body)
    }

    #[test]
    fn none_are_told_as_none() {
        assert_eq!(list(&[]), "there are no dead letters\n");
    }

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let text = list(&[letter(9, "permanent: no"), letter(10, "08006: down")]);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines,
            [
                "NUMBER  GIVEN UP             EVENT           SUBJECT  CONSUMER  ATTEMPTS  REASON",
                "9       2026-01-02T03:04:05  ticket:created  t1       orders    1         permanent: no",
                "10      2026-01-02T03:04:05  ticket:created  t1       orders    1         08006: down",
            ]
        );
    }

    #[test]
    fn a_long_reason_is_cut_in_the_table_alone() {
        let letter = letter(1, &"é".repeat(200));
        assert!(list(std::slice::from_ref(&letter)).contains(&format!("{}…\n", "é".repeat(100))));
        assert!(show(&letter).contains(&"é".repeat(200)));
    }

    #[test]
    fn all_of_one_ends_with_the_event_as_json() {
        let text = show(&letter(9, "permanent: no"));
        let (facts, event) = text.split_once("\n\n").expect("facts and event");
        assert!(facts.contains("because       permanent: no"), "{facts}");
        assert!(
            facts.contains("event         message 345 of TICKETING"),
            "{facts}"
        );
        let event: serde_json::Value = serde_json::from_str(event).expect("JSON");
        assert_eq!(event["type"], "ticket:created");
    }
}
