//! The events that could not be handled: looked at, handled after all once their cause is mended, or dropped.
mod letter;
mod replay;
mod store;
mod table;

use anyhow::{Result, bail};

use crate::cli::{DeadLetterStep, DeadLetters, Which};
use crate::streams;
use letter::Letter;
use store::Store;

/// Does one step with the dead letters.
///
/// # Errors
/// When JetStream does not answer, there is no such dead letter, or one cannot be replayed.
pub async fn run(arguments: &DeadLetters) -> Result<()> {
    let jetstream = streams::connect(&arguments.streams).await?;
    let store = Store::open(&jetstream).await?;
    match &arguments.step {
        DeadLetterStep::List => print!("{}", table::list(&store.all().await?)),
        DeadLetterStep::Show { number } => print!("{}", table::show(&store.get(*number).await?)),
        DeadLetterStep::Replay(which) => {
            let mut failures = Vec::new();
            for letter in chosen(&store, which).await? {
                match replay::replay(&jetstream, &store, &letter).await {
                    Ok(done) => println!("{done}"),
                    Err(error) => failures.push(format!("{error:#}")),
                }
            }
            if !failures.is_empty() {
                bail!("{}", failures.join("; "));
            }
        }
        DeadLetterStep::Drop(which) => {
            for letter in chosen(&store, which).await? {
                store.delete(letter.sequence).await?;
                println!("dropped {letter}");
            }
        }
    }
    Ok(())
}

/// The one that is named, or all that are there now.
async fn chosen(store: &Store, which: &Which) -> Result<Vec<Letter>> {
    match which.number {
        Some(number) => Ok(vec![store.get(number).await?]),
        None => store.all().await,
    }
}
