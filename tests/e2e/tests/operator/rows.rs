//! The rows of the services' tables, compared before and after.
use std::collections::BTreeMap;
use std::time::Duration;

use checker::{Journal, Places, wait_for_quiet};

use crate::World;

/// After the last request: the longest lease of a payment, twice.
pub const QUIET: Duration = Duration::from_secs(60);

/// What each service knows, with a column that rows are told apart by. When a deadline was announced is what expiration did and not what
/// it knows: it matters for orders that are open.
const TABLES: [(&str, &str, &str); 7] = [
    ("tickets", "tickets", "id"),
    ("tickets", "ticket_orders", "order_id"),
    ("orders", "orders", "id"),
    ("orders", "tickets", "id"),
    ("payments", "payments", "id"),
    ("payments", "orders", "id"),
    ("expiration", "deadlines", "order_id"),
];

/// All rows by table and key, as JSON.
pub type Rows = BTreeMap<String, String>;

/// Waits until nothing moves, and reads them.
pub async fn at_rest(world: &World) -> Rows {
    rows_at_rest(&world.places().await).await
}

/// Waits until nothing moves in the shop at `places`, and reads its rows.
pub async fn rows_at_rest(places: &Places) -> Rows {
    let quiet = wait_for_quiet(places, &Journal::default(), QUIET).await;
    let (_, moving) = quiet.expect("the evidence can be read");
    assert!(moving.is_empty(), "still moves: {moving:#?}");
    let mut rows = Rows::new();
    for (service, table, key) in TABLES {
        let client = checker::connect(&places.postgres, service).await;
        let client = client.expect("Postgres answers");
        let text =
            format!("select {key}::text, (to_jsonb(t) - 'announced_at')::text from {table} t");
        for row in client.query(&text, &[]).await.expect("a table to read") {
            let (key, row): (String, String) = (row.get(0), row.get(1));
            rows.insert(format!("{service}.{table} {key}"), row);
        }
    }
    rows
}

/// Fails with the rows that differ.
pub fn are_the_same(before: &Rows, after: &Rows) {
    let keys = before.keys().chain(after.keys());
    let mut differing: Vec<String> = keys
        .filter(|key| before.get(*key) != after.get(*key))
        .map(|key| format!("{key}: {:?} was {:?}", after.get(key), before.get(key)))
        .collect();
    differing.dedup();
    assert!(differing.is_empty(), "{differing:#?}");
}
