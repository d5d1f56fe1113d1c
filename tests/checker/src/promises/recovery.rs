//! 6. Losing any one process costs errors with a clear message at most, no data, and the system recovers by itself.
//! Lost data breaks one of the other promises; here is what visitors were told. A connection that breaks says nothing, and may.
use crate::{Evidence, Promise, Violation};

pub(super) fn judge(evidence: &Evidence) -> Vec<Violation> {
    let unclear = evidence.journal.iter().filter(|entry| !entry.is_clear());
    unclear
        .map(|entry| {
            let status = entry.status.unwrap_or_default();
            let what = format!(
                "it was answered {status} {} without a message",
                entry.answer
            );
            Violation::new(
                Promise::Recovers,
                [format!("{} {}", entry.method, entry.path)],
                what,
            )
        })
        .collect()
}
