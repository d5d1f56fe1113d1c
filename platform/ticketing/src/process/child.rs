//! A supervised child: started, started again when it ends, and ended on request.
use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::process::ExitStatus;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use rustix::process::Signal;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

use super::leftovers::{Leftovers, signal_group};
use super::log;
use super::program::Program;

/// Wait before the first restart, doubled for each further one up to [`LONGEST`].
const SHORTEST: Duration = Duration::from_millis(200);
const LONGEST: Duration = Duration::from_secs(5);
/// A child that ran this long has proved itself: the next end counts as a first one.
const PROVEN: Duration = Duration::from_secs(10);

/// What to do between a child's end and its restart.
pub type Aftercare = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

/// Asks a child to start anew; clones ask the same one.
#[derive(Clone, Default)]
pub struct Restart(Arc<Notify>);

impl Restart {
    pub fn ask(&self) {
        self.0.notify_one();
    }
}

/// A running child; it goes on until [`Child::stop`].
pub struct Child {
    pub name: String,
    pub log: PathBuf,
    restart: Restart,
    stop: watch::Sender<bool>,
    ends: watch::Receiver<u32>,
    starts: watch::Receiver<u32>,
    task: JoinHandle<()>,
}

impl Child {
    /// Starts a program and keeps it running.
    ///
    /// # Errors
    /// When its log cannot be written or it cannot be started even once.
    pub fn start(
        program: Program,
        logs: &Path,
        leftovers: &Leftovers,
        aftercare: Option<Aftercare>,
    ) -> Result<Self> {
        let log = logs.join(format!("{}.log", program.name));
        log::rotate(&log)?;
        let first = spawn(&program, &log)?;
        let (stop, stopped) = watch::channel(false);
        let (ended, ends) = watch::channel(0);
        let (began, starts) = watch::channel(1);
        let restart = Restart::default();
        let supervisor = Supervisor {
            name: program.name.clone(),
            program,
            log: log.clone(),
            leftovers: leftovers.clone(),
            aftercare,
            restart: restart.clone(),
            stopped,
            ended,
            began,
        };
        Ok(Self {
            name: supervisor.name.clone(),
            log,
            restart,
            stop,
            ends,
            starts,
            task: tokio::spawn(supervisor.run(first)),
        })
    }

    /// How often it has ended by itself so far.
    pub fn ends(&self) -> u32 {
        *self.ends.borrow()
    }

    /// Ends it as [`Child::stop`] does and starts it again; returns when it has been started.
    pub async fn start_anew(&self) {
        let mut starts = self.starts.clone();
        let before = *starts.borrow();
        self.restart.ask();
        // Without a sender it has been stopped for good.
        let _ = starts.wait_for(|now| *now != before).await;
    }

    /// A handle that asks it to start anew.
    pub fn restart(&self) -> Restart {
        self.restart.clone()
    }

    /// Ends it and everything it started; kills what has not ended in time.
    pub async fn stop(self) {
        // Without a receiver the task has ended, and the child with it.
        let _ = self.stop.send(true);
        let _ = self.task.await;
    }
}

/// Ends several at once.
pub async fn stop_all(children: impl IntoIterator<Item = Child>) {
    futures::future::join_all(children.into_iter().map(Child::stop)).await;
}

struct Supervisor {
    name: String,
    program: Program,
    log: PathBuf,
    leftovers: Leftovers,
    aftercare: Option<Aftercare>,
    restart: Restart,
    stopped: watch::Receiver<bool>,
    ended: watch::Sender<u32>,
    began: watch::Sender<u32>,
}

/// Why a child has ended.
enum End {
    /// It was to stop.
    Stopped,
    /// It was to start anew.
    Restarted,
    /// By itself, and how.
    Died(String),
}

impl Supervisor {
    async fn run(mut self, first: tokio::process::Child) {
        let mut process = Some(first);
        let mut pause = SHORTEST;
        loop {
            let started = Instant::now();
            let mut anew = false;
            if let Some(child) = process.take() {
                match self.watch(child).await {
                    End::Stopped => return,
                    End::Restarted => anew = true,
                    End::Died(how) => {
                        self.ended.send_modify(|ends| *ends += 1);
                        if started.elapsed() >= PROVEN {
                            pause = SHORTEST;
                        }
                        let said = log::last_line(&self.log).unwrap_or_default();
                        eprintln!(
                            "{} ended ({how}); starting it again. It said last: {said}",
                            self.name
                        );
                        if let Some(aftercare) = &self.aftercare {
                            aftercare().await;
                        }
                    }
                }
            }
            if !anew {
                tokio::select! {
                    () = sleep(pause) => {}
                    () = asked(&mut self.stopped) => return,
                }
                pause = (pause * 2).min(LONGEST);
            }
            match spawn(&self.program, &self.log) {
                Ok(child) => {
                    process = Some(child);
                    self.began.send_modify(|starts| *starts += 1);
                }
                Err(error) => eprintln!("cannot start {} again: {error:#}", self.name),
            }
        }
    }

    /// Waits for the child's end, ending it when asked to.
    async fn watch(&mut self, mut child: tokio::process::Child) -> End {
        let pid = child
            .id()
            .and_then(|id| i32::try_from(id).ok())
            .unwrap_or_default();
        self.leftovers.add(&self.name, pid);
        let end = tokio::select! {
            end = child.wait() => End::Died(describe(end)),
            () = asked(&mut self.stopped) => End::Stopped,
            () = self.restart.0.notified() => End::Restarted,
        };
        if !matches!(end, End::Died(_)) {
            signal_child(pid, self.program.stop.signal);
            if timeout(self.program.stop.patience, child.wait())
                .await
                .is_err()
            {
                eprintln!("{} takes too long to end; killing it", self.name);
            }
        }
        // What it started does not survive it: a new one would find its ports and files in use.
        signal_group(pid, Signal::KILL);
        let _ = child.wait().await;
        self.leftovers.remove(&self.name);
        end
    }
}

async fn asked(stopped: &mut watch::Receiver<bool>) {
    // An error means that the owner is gone, which is a request, too.
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

fn spawn(program: &Program, log: &Path) -> Result<tokio::process::Child> {
    let mut command = program.command(log)?;
    command
        .spawn()
        .with_context(|| format!("cannot start {}", program.name))
}

/// To the child alone: it knows in which order to end what it started.
fn signal_child(pid: i32, signal: Signal) {
    if let Some(pid) = rustix::process::Pid::from_raw(pid) {
        let _ = rustix::process::kill_process(pid, signal);
    }
}

fn describe(end: std::io::Result<ExitStatus>) -> String {
    match end {
        Ok(status) => status.to_string(),
        Err(error) => error.to_string(),
    }
}
