//! Passwords and keys of an installation that is not under `up`: made once, and the session key changed in steps.
use anyhow::Result;

use crate::cli::{KeyStep, Keys};
use crate::data::Data;
use crate::secrets::Secrets;

/// Takes one step; `configure` then tells the lattice.
///
/// # Errors
/// When the step does not follow the one before, or `secrets.json` cannot be written.
pub fn run(arguments: &Keys) -> Result<()> {
    let data = Data::of(&arguments.place)?;
    let mut secrets = Secrets::open(&data, 0)?;
    secrets.change_session_key(arguments.step)?;
    secrets.save(&data)?;
    let file = data.secrets();
    match arguments.step {
        KeyStep::Make => println!("{} is complete", file.display()),
        _ => println!("{} has changed; run `ticketing configure`", file.display()),
    }
    Ok(())
}
