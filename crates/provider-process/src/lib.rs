//! A provider's own process, for tests that are its host.
#![forbid(unsafe_code)]

use std::io::Write as _;
use std::process::{Child, Command, ExitStatus, Stdio};

use async_nats::Client;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use wasmcloud_provider_sdk::HostData;
use wasmcloud_provider_sdk::core::rpc::shutdown_subject;

/// The process; killed when dropped.
pub struct ProviderProcess {
    process: Child,
    host: HostData,
}

impl ProviderProcess {
    /// Starts `program`, and tells it what a host would: in one line on its standard input.
    ///
    /// # Panics
    /// When the program does not start, or takes no line.
    #[must_use]
    pub fn start(program: &str, host: HostData) -> Self {
        let mut process = Command::new(program)
            .stdin(Stdio::piped())
            .spawn()
            .expect("the provider");
        let line = STANDARD.encode(serde_json::to_vec(&host).expect("JSON"));
        let mut stdin = process.stdin.take().expect("piped");
        writeln!(stdin, "{line}").expect("written");
        Self { process, host }
    }

    /// Asks it over the lattice to end, as a host does that stops it.
    ///
    /// # Panics
    /// When the server cannot be written to.
    pub async fn ask_to_end(&self, nats: &Client) {
        let HostData {
            lattice_rpc_prefix: lattice,
            provider_key,
            host_id,
            ..
        } = &self.host;
        let subject = shutdown_subject(lattice, provider_key, "default");
        let stop = format!(r#"{{"host_id":"{host_id}"}}"#);
        // The SDK answers and ends, and does not always flush: the answer may be lost with the process.
        let inbox = nats.new_inbox();
        let asked = nats.publish_with_reply(subject, inbox, stop.into());
        asked.await.expect("a server");
    }

    /// How it has ended, once it has.
    ///
    /// # Panics
    /// When the operating system does not say.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.process.try_wait().expect("a status")
    }
}

impl Drop for ProviderProcess {
    fn drop(&mut self) {
        // Either may fail only when it has ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
