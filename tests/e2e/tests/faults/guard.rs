//! Guards that stand in a database, taken away and put back by its administrator.
use tokio_postgres::Client;

use crate::World;

/// A service's database.
pub struct Guard(Client);

/// A function as it was.
pub struct Function(String);

impl Guard {
    /// Of the service `service`.
    pub async fn of(world: &World, service: &str) -> Self {
        let places = world.arena().await.places();
        let client = checker::connect(&places.postgres, service).await;
        Self(client.expect("Postgres answers"))
    }

    /// Runs statements.
    pub async fn run(&self, statements: &str) {
        let done = self.0.batch_execute(statements).await;
        done.unwrap_or_else(|error| panic!("{statements}: {error:?}"));
    }

    /// An expression for each row of a table or query, as text, sorted unless the query itself is.
    pub async fn rows(&self, from: &str, expression: &str) -> Vec<String> {
        let order = if from.contains("order by") {
            ""
        } else {
            "order by 1"
        };
        let ask = format!("select ({expression})::text from {from} {order}");
        let rows = self.0.query(&ask, &[]).await;
        let rows = rows.unwrap_or_else(|error| panic!("{ask}: {error:?}"));
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// Replaces a function by one with another body; fails when `change` finds nothing to change. Gives what it was.
    pub async fn rewrite(&self, function: &str, change: impl Fn(&str) -> String) -> Function {
        let ask = "select pg_get_functiondef(oid) from pg_proc where proname = $1";
        let row = self.0.query_one(ask, &[&function]).await;
        let was: String = row.expect("one function of that name").get(0);
        let changed = change(&was);
        assert_ne!(
            was, changed,
            "the guard is not where this test looks for it"
        );
        self.run(&changed).await;
        Function(was)
    }
}

impl Function {
    /// Puts it back.
    pub async fn restore(self, guard: &Guard) {
        guard.run(&self.0).await;
    }
}
