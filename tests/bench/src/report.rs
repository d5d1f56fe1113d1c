//! The tables that people read, in Markdown, and the figures for programs.
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde::Serialize;

use crate::contest::{Comparison, Score, median};
use crate::findings::Finding;

/// All that one run has found out, and under which conditions.
#[derive(Debug, Serialize)]
pub struct Report {
    pub started: String,
    pub cpus: usize,
    pub connections: u16,
    pub seconds: u8,
    pub comparisons: Vec<Comparison>,
    pub findings: Vec<Finding>,
}

impl Report {
    /// Writes everything as JSON.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save(&self, path: &Path) -> Result<()> {
        let failed = || format!("writing {}", path.display());
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).with_context(failed)?;
        }
        fs::write(path, serde_json::to_vec_pretty(self)?).with_context(failed)
    }

    pub fn print(&self) {
        if !self.comparisons.is_empty() {
            println!(
                "\n{}",
                table(&COMPARISON, self.comparisons.iter().map(compared))
            );
        }
        if !self.findings.is_empty() {
            println!("\n{}", table(&FINDING, self.findings.iter().map(found)));
        }
        for line in self.comparisons.iter().flat_map(errors) {
            println!("{line}");
        }
    }
}

const COMPARISON: [&str; 12] = [
    "phase",
    "shop /s",
    "p50 ms",
    "p99 ms",
    "errors",
    "settled ms",
    "peer /s",
    "p50 ms",
    "p99 ms",
    "errors",
    "ratio",
    "aim",
];

fn compared(comparison: &Comparison) -> Vec<String> {
    let mut row = vec![comparison.phase.to_owned()];
    row.extend(figures(&comparison.shop));
    row.push(typical(&comparison.shop, |score| score.settled_after_ms, 0));
    row.extend(figures(&comparison.peer));
    row.push(comparison.ratio.map_or_else(String::new, |ratio| {
        format!("{:.2} ({:.2}–{:.2})", ratio.median, ratio.least, ratio.most)
    }));
    row.push(comparison.ratio.map_or_else(String::new, |ratio| {
        let (shop, peer) = (&comparison.shop, &comparison.peer);
        let tail = |scores: &[Score]| middle(scores, |score| score.p99_ms).unwrap_or_default();
        let met = ratio.median >= comparison.target && tail(shop) <= tail(peer);
        format!(
            "{} {}",
            comparison.target,
            if met { "met" } else { "missed" }
        )
    }));
    row
}

/// The medians over the rounds, and the sum of what went wrong.
fn figures(scores: &[Score]) -> [String; 4] {
    let failed: u64 = scores.iter().map(|score| score.failed).sum();
    [
        typical(scores, |score| score.per_second, 0),
        typical(scores, |score| score.p50_ms, 1),
        typical(scores, |score| score.p99_ms, 1),
        if scores.is_empty() {
            String::new()
        } else {
            failed.to_string()
        },
    ]
}

fn middle(scores: &[Score], figure: fn(&Score) -> f64) -> Option<f64> {
    let figures: Vec<f64> = scores.iter().map(figure).collect();
    median(&figures)
}

fn typical(scores: &[Score], figure: fn(&Score) -> f64, decimals: usize) -> String {
    middle(scores, figure).map_or_else(String::new, |value| format!("{value:.decimals$}"))
}

/// What went wrong, one kind a line.
fn errors(comparison: &Comparison) -> Vec<String> {
    let of = |system: &'static str, scores: &[Score]| {
        let all = scores.iter().flat_map(|score| &score.errors);
        all.map(|(error, count)| format!("{} of the {system}: {count}× {error}", comparison.phase))
            .collect::<Vec<_>>()
    };
    let mut lines = of("shop", &comparison.shop);
    lines.extend(of("peer", &comparison.peer));
    lines
}

const FINDING: [&str; 4] = ["what", "value", "aim", ""];

fn found(finding: &Finding) -> Vec<String> {
    let decimals = if finding.value.fract() == 0.0 { 0 } else { 1 };
    vec![
        finding.what.clone(),
        format!("{:.decimals$} {}", finding.value, finding.unit)
            .trim_end()
            .to_owned(),
        finding.aim.map_or_else(String::new, |aim| aim.to_string()),
        finding.aim.map_or_else(String::new, |aim| {
            let met = aim.is_met_by(finding.value);
            (if met { "met" } else { "missed" }).to_owned()
        }),
    ]
}

/// A Markdown table with its columns in line: the first to the left, the others to the right.
fn table(heads: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut lines = vec![heads.iter().map(|head| (*head).to_owned()).collect()];
    lines.extend(rows);
    let widths: Vec<usize> = (0..heads.len())
        .map(|column| {
            let cells = lines
                .iter()
                .filter_map(|line: &Vec<String>| line.get(column));
            cells
                .map(|cell| cell.chars().count())
                .max()
                .unwrap_or(0)
                .max(3)
        })
        .collect();
    let line = |cells: &Vec<String>| {
        let padded = cells.iter().zip(&widths).enumerate();
        let padded = padded.map(|(column, (cell, width))| match column {
            0 => format!("| {cell:<width$} "),
            _ => format!("| {cell:>width$} "),
        });
        padded.collect::<String>() + "|"
    };
    let rule = widths
        .iter()
        .enumerate()
        .map(|(column, width)| match column {
            0 => format!("|{}", "-".repeat(width + 2)),
            _ => format!("|{}:", "-".repeat(width + 1)),
        });
    let mut text = lines.iter().map(line).collect::<Vec<_>>();
    text.insert(1, rule.collect::<String>() + "|");
    text.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::Aim;

    #[test]
    fn a_table_is_markdown_with_its_columns_in_line() {
        let finding = Finding::new("start", 12.34, "s").aim(Aim::AtMost(15.0));
        let text = table(&FINDING, [found(&finding)].into_iter());
        let expected = "\
| what  |  value |        aim |     |
|-------|-------:|-----------:|----:|
| start | 12.3 s | at most 15 | met |";
        assert_eq!(text, expected);
    }
}
