//! `up`: builds, then becomes the tool that runs the shop; with a development server for the web app when asked.
use std::env;
use std::process::ExitCode;

use crate::failure::Result;
use crate::workspace::Workspace;
use crate::{build, tools, web};

/// Ours, not the tool's.
const WATCH: &str = "--watch-client";
/// The tool's own default.
const DEFAULT_PORT: &str = "8000";

/// Builds and runs the shop.
///
/// # Errors
/// When something is missing, does not compile, or the tool cannot start.
pub fn run(workspace: &Workspace, arguments: &[String]) -> Result<ExitCode> {
    build::all(workspace)?;
    let flags: Vec<String> = arguments
        .iter()
        .filter(|argument| *argument != WATCH)
        .cloned()
        .collect();
    if flags.len() < arguments.len() {
        let port = port(&flags, env::var("PORT").ok());
        web::watch(workspace, &format!("http://127.0.0.1:{port}"))?;
    }
    tools::ticketing(workspace, "up", &flags)
}

/// Where the shop will be: the flag, else the environment, else the default.
fn port(flags: &[String], environment: Option<String>) -> String {
    let after = flags.iter().position(|flag| flag == "--port");
    let flag = flags
        .iter()
        .find_map(|flag| flag.strip_prefix("--port="))
        .or_else(|| flags.get(after? + 1).map(String::as_str));
    flag.map(str::to_owned)
        .or(environment.filter(|port| !port.is_empty()))
        .unwrap_or_else(|| DEFAULT_PORT.to_owned())
}

#[cfg(test)]
mod tests {
    use super::port;

    #[test]
    fn the_port_is_the_one_that_the_tool_will_take() {
        let flags = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(port(&flags("--fresh"), None), "8000");
        assert_eq!(port(&flags("--fresh"), Some("81".to_owned())), "81");
        assert_eq!(port(&flags("--port 82"), Some("81".to_owned())), "82");
        assert_eq!(port(&flags("--fresh --port=83"), None), "83");
    }
}
