//! The password-argon2 provider's process: lives as long as the host that started it.
//! Everything it does is in the library.
#![forbid(unsafe_code)]

use anyhow::Context as _;
use provider_password_argon2::PasswordProvider;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    provider_kit::exit_with_host().context("cannot watch the host")?;
    PasswordProvider::run()
        .await
        .context("the password-argon2 provider failed")
}
