//! A column gets another name while the shop sells: both names before the version that uses the new one comes, none but
//! the new one when no version is left that uses the old. In between that version is taken back once.
use std::fs;

use e2e::{Checkout, Operator, Person, Shop, eventually, repository};
use serde_json::{Value, json};
use time::OffsetDateTime;
use tokio_postgres::Client;

use crate::crowd::Crowd;
use crate::report::Report;
use crate::roll::all_say;
use crate::{Place, World};

e2e::trials!(a_column_gets_another_name_without_a_failed_request);

const PAIRS: u32 = 4;
/// The seller in the table `tickets`. As long as the new name, which replaces it in what was built.
const OLD: &str = "user_id";
const NEW: &str = "sold_by";
/// The version that uses the new name.
const DIGIT: u8 = 2;

async fn a_column_gets_another_name_without_a_failed_request(world: World) {
    world
        .with(async |place| {
            let endpoints = place.lattice.endpoints();
            let postgres = endpoints.postgres.clone().expect("a Postgres of its own");
            let tickets = checker::connect(&postgres, "tickets").await;
            let tickets = tickets.expect("Postgres answers");
            place.is_whole().await;
            all_say(place, "1.0.0").await;
            let mut steps = Steps::begin(place).await;

            let expanded = next_version(&place.checkout);
            migrates_beside_a_backup(place, &tickets, &steps.crowd).await;
            both_names_agree(&tickets).await;
            steps.end("expanded under the old version").await;

            rolls(place, "1.0.2").await;
            both_names_agree(&tickets).await;
            steps.end("rolled out").await;

            // The old version finds a schema that is ahead of it, and so does its operator.
            place.checkout.take_back().expect("the old version");
            migrates(place).await;
            rolls(place, "1.0.0").await;
            both_names_agree(&tickets).await;
            steps.end("rolled back on the expanded schema").await;

            assert_eq!(next_version(&place.checkout), expanded);
            migrates(place).await;
            rolls(place, "1.0.2").await;
            both_names_agree(&tickets).await;
            steps.end("rolled out again").await;

            let name = format!("contract_{expanded}_{OLD}");
            let sql = contraction(&tickets).await;
            let added = place.checkout.add_migration("tickets", &name, &sql);
            let number = added.expect("a further version");
            migrates(place).await;
            steps.end("contracted").await;

            let bad = steps.are_over().await;
            assert_eq!(bad, 0, "see the steps above");
            the_old_version_is_refused(place, &format!("V{number}__{name}")).await;
            place.holds().await;
        })
        .await;
}

/// Step by step; business goes on through all of them.
struct Steps {
    shop: Shop,
    journal: checker::Journal,
    crowd: Crowd,
    seller: Seller,
    begin: OffsetDateTime,
    /// Requests that failed or were lost.
    bad: usize,
}

impl Steps {
    async fn begin(place: &Place) -> Self {
        let shop = place.shop().await;
        let crowd = Crowd::gathers(&shop, PAIRS).await;
        let mut seller = Seller::signs_up(&shop).await;
        // A ticket from before the column.
        seller.trades().await;
        Self {
            shop,
            journal: place.journal.clone(),
            crowd,
            seller,
            begin: OffsetDateTime::now_utc(),
            bad: 0,
        }
    }

    /// Says what became of the requests of the step, once enough was sold after it. Others come instead of the crowd
    /// before it goes home, since nobody's patience lasts for all steps.
    async fn end(&mut self, what: &str) {
        self.crowd.buys(PAIRS).await;
        self.seller.trades().await;
        let others = Crowd::gathers(&self.shop, PAIRS).await;
        std::mem::replace(&mut self.crowd, others).goes_home().await;
        // First, so that what is answered meanwhile is in the next report, too.
        let end = OffsetDateTime::now_utc();
        let report = Report::of(&self.journal, self.begin);
        self.begin = end;
        self.bad += report.bad();
        eprintln!("{what}: {report}");
    }

    /// Gives how many requests failed or were lost in all of them.
    async fn are_over(self) -> usize {
        let Self {
            journal,
            crowd,
            begin,
            bad,
            ..
        } = self;
        crowd.goes_home().await;
        let report = Report::of(&journal, begin);
        eprintln!("until the last went home: {report}");
        bad + report.bad()
    }
}

/// Somebody whose tickets stay theirs under either name, and who does what a purchase does not need.
struct Seller {
    person: Person,
    /// The ids of their tickets, newest first.
    tickets: Vec<Value>,
}

impl Seller {
    async fn signs_up(shop: &Shop) -> Self {
        Self {
            person: shop.person().await,
            tickets: Vec::new(),
        }
    }

    async fn trades(&mut self) {
        let person = &self.person;
        // A session may be shorter than all steps.
        let credentials = person.credentials();
        person.post("/api/users/signin", &credentials).await.is(200);
        let path = |ticket: &Value| format!("/api/tickets/{}", ticket["id"].as_str().unwrap_or(""));

        let regretted = person.sells("To be withdrawn", 3.0).await;
        person.delete(&path(&regretted)).await.is(204);
        let ticket = person.sells("To be edited", 4.0).await;
        let edit = json!({ "title": "Edited", "price": 5.0 });
        let edited = person.put(&path(&ticket), &edit).await.is(200);
        assert_eq!(edited["userId"], person.id.as_str());

        self.tickets.insert(0, ticket["id"].clone());
        let listed = person.get("/api/tickets?seller=me").await.is(200);
        let listed = listed.as_array().into_iter().flatten();
        let listed: Vec<Value> = listed.map(|ticket| ticket["id"].clone()).collect();
        assert_eq!(listed, self.tickets);
    }
}

/// Puts the version that uses the new name into the checkout. Gives the number of its last migration.
fn next_version(checkout: &Checkout) -> u32 {
    checkout.release(DIGIT).expect("a new version");
    let changes = statements();
    let rewritten = checkout.rewrite("tickets", &changes);
    rewritten.expect("every statement as its file says it");
    let built = checkout
        .path()
        .join("components/tickets/build/tickets_s.wasm");
    let built = fs::read(built).expect("rewritten");
    let left = built.windows(OLD.len()).any(|text| text == OLD.as_bytes());
    assert!(
        !left,
        "tickets uses {OLD} outside of crates/tickets/sql: this trial has to change that, too"
    );
    let steps = [
        ("sold_by", include_str!("schema/sold_by.sql")),
        ("fill_sold_by", include_str!("schema/fill_sold_by.sql")),
        ("index_sold_by", include_str!("schema/index_sold_by.sql")),
    ];
    let numbers = steps.map(|(name, sql)| {
        let added = checkout.add_migration("tickets", name, sql);
        added.expect("a migration")
    });
    numbers[2]
}

/// Every statement of tickets that uses the old name, and how it is with the new one.
fn statements() -> Vec<(String, String)> {
    let folder = repository().join("crates/tickets/sql");
    let files = fs::read_dir(&folder).expect("the statements of tickets");
    let texts = files.map(|file| {
        let path = file.expect("a file").path();
        fs::read_to_string(path).expect("a statement")
    });
    let changes: Vec<(String, String)> = texts
        .filter(|text| text.contains(OLD))
        .map(|text| {
            assert!(!text.contains(NEW), "{NEW} is in use: {text}");
            let other = text.replace(OLD, NEW);
            (text, other)
        })
        .collect();
    assert!(
        !changes.is_empty(),
        "no statement in {} uses {OLD}: this trial has to rename another column",
        folder.display()
    );
    changes
}

/// The migration that takes the old name away, from the database's functions, too.
async fn contraction(tickets: &Client) -> String {
    let using = "select pg_get_functiondef(oid) from pg_proc
        where pronamespace = 'public'::regnamespace and prosrc like '%user_id%'
          and proname <> 'tickets_keep_in_step'";
    let rows = tickets.query(using, &[]).await.expect("functions");
    let functions = rows.iter().map(|row| {
        let function: String = row.get(0);
        format!("{};\n\n", function.replace(OLD, NEW))
    });
    functions.collect::<String>() + include_str!("schema/contract.sql")
}

/// Restarts all hosts and waits until every one is of the version.
async fn rolls(place: &Place, version: &str) {
    eprintln!("{}", place.lattice.roll().await.expect("it rolls"));
    all_say(place, version).await;
}

/// Brings the databases to the checkout's version, as an operator does.
async fn migrates(place: &Place) {
    let migrate = migrate(place, &place.checkout);
    let migrate: Vec<&str> = migrate.iter().map(String::as_str).collect();
    Operator::at(None).does(&migrate).await;
}

/// The same while somebody has been reading the table for long, as a backup does: the change waits for that, and nobody
/// waits for the change.
async fn migrates_beside_a_backup(place: &Place, tickets: &Client, crowd: &Crowd) {
    let reads = "begin; lock table tickets in access share mode";
    tickets.batch_execute(reads).await.expect("a backup");
    let backup = async {
        let waits = "select exists (select from pg_locks
            where relation = 'tickets'::regclass and mode = 'AccessExclusiveLock' and not granted)";
        eventually("the change to wait for the backup", async || {
            let row = tickets.query_one(waits, &[]).await.expect("locks");
            row.get::<_, bool>(0).then_some(())
        })
        .await;
        crowd.buys(PAIRS).await;
        tickets.batch_execute("commit").await.expect("an end");
    };
    tokio::join!(migrates(place), backup);
}

async fn the_old_version_is_refused(place: &Place, contraction: &str) {
    let old = Checkout::new().expect("what was built");
    let migrate = migrate(place, &old);
    let migrate: Vec<&str> = migrate.iter().map(String::as_str).collect();
    let refusal = Operator::at(None).is_refused(&migrate).await;
    let reason = format!("{contraction} has dropped what this version uses");
    assert!(refusal.contains(&reason), "{refusal}");
}

fn migrate(place: &Place, checkout: &Checkout) -> [String; 5] {
    let (root, data) = (checkout.path().display(), place.lattice.data());
    [
        "migrate".to_owned(),
        "--root".to_owned(),
        root.to_string(),
        "--data-dir".to_owned(),
        data.display().to_string(),
    ]
}

async fn both_names_agree(tickets: &Client) {
    let differ = "select count(*) from tickets where user_id is distinct from sold_by";
    let row = tickets.query_one(differ, &[]).await.expect("both columns");
    assert_eq!(
        row.get::<_, i64>(0),
        0,
        "tickets of two sellers, or of none"
    );
}
