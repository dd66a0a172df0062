//! The result as a markdown table.

use std::fmt::Write as _;
use std::time::Duration;

use crate::child::Side;
use crate::load::Measurement;
use crate::scenario::{Scenario, Target};

const HEADER: &str = "\
| scenario | connections | constant req/s | peer req/s | ours req/s | ratio | target | met \
| CPU µs/request, peer / ours | p99 ms, peer / ours |
|---|--:|--:|--:|--:|--:|--:|---|--:|--:|
";

/// Renders one line for each case, with `–` for what was not measured.
pub(crate) fn render(cases: &[Case], is_postgres: bool) -> String {
    let mut table = HEADER.to_owned();
    for case in cases {
        let target = case.scenario.target(case.connections, is_postgres);
        let [constant, peer, ours] = [Side::Constant, Side::Peer, Side::Ours].map(|side| case.of(side));
        let rate = |rounds| number(median(rounds, |round| round.rate), 0);
        let cpu = |rounds| number(median(rounds, |round| round.cpu.as_secs_f64() * 1e6), 1);
        let p99 = |rounds| number(median(rounds, |round| milliseconds(round.p99)), 2);
        let ratio = ratio(ours, peer, |round| round.rate);
        let p99_ratio = self::ratio(ours, peer, |round| milliseconds(round.p99));
        writeln!(
            table,
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} / {} | {} / {} |",
            case.scenario.name(),
            case.connections,
            rate(constant),
            rate(peer),
            rate(ours),
            number(ratio, 2),
            target.text(),
            target.verdict(ratio, p99_ratio),
            cpu(peer),
            cpu(ours),
            p99(peer),
            p99(ours),
        )
        .expect("a String takes all text");
    }
    table
}

/// The measurements of one scenario at one number of connections, one entry for each round.
#[derive(Debug)]
pub(crate) struct Case {
    /// What was asked.
    pub(crate) scenario: Scenario,
    /// By how many connections at once.
    pub(crate) connections: usize,
    /// What each server did.
    pub(crate) sides: Vec<(Side, Vec<Measurement>)>,
}

impl Case {
    /// The rounds of a server, none if it was left out.
    fn of(&self, side: Side) -> &[Measurement] {
        self.sides.iter().find(|(other, _)| *other == side).map_or(&[], |(_, rounds)| rounds)
    }
}

impl Target {
    fn text(self) -> String {
        let p99 = if self.halves_p99 { ", p99 ≤ 0.5" } else { "" };
        format!("≥ {:.1}{p99}", self.ratio)
    }

    fn verdict(self, ratio: Option<f64>, p99_ratio: Option<f64>) -> &'static str {
        let (Some(ratio), Some(p99_ratio)) = (ratio, p99_ratio) else { return "–" };
        if ratio >= self.ratio && (!self.halves_p99 || p99_ratio <= 0.5) { "yes" } else { "no" }
    }
}

/// The median of the ratios within the rounds: what slows the machine for a while slows both halves of a ratio.
pub(crate) fn ratio(
    ours: &[Measurement],
    peer: &[Measurement],
    value: impl Fn(&Measurement) -> f64,
) -> Option<f64> {
    middle(ours.iter().zip(peer).map(|(ours, peer)| value(ours) / value(peer)))
}

/// The median of what the rounds measured.
pub(crate) fn median(rounds: &[Measurement], value: impl Fn(&Measurement) -> f64) -> Option<f64> {
    middle(rounds.iter().map(value))
}

/// The median; none of nothing.
pub(crate) fn middle(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

/// A time as tables have it.
pub(crate) fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

/// A number, or a dash where there is none.
pub(crate) fn number(value: Option<f64>, decimals: usize) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{value:.decimals$}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Scenario;

    fn rounds(rates: &[f64]) -> Vec<Measurement> {
        let time = Duration::from_millis(1);
        rates.iter().map(|&rate| Measurement { rate, p50: time, p99: time, cpu: time }).collect()
    }

    #[test]
    fn a_ratio_is_taken_within_a_round() {
        // The second round was slow for both; over all rounds the medians would claim 1.0.
        let ours = rounds(&[300.0, 20.0, 200.0]);
        let peer = rounds(&[200.0, 10.0, 100.0]);
        assert_eq!(ratio(&ours, &peer, |round| round.rate), Some(2.0));
    }

    #[test]
    fn a_server_that_was_left_out_is_a_dash() {
        let case = Case {
            scenario: Scenario::PointRead,
            connections: 1,
            sides: vec![(Side::Peer, rounds(&[100.0]))],
        };
        let table = render(&[case], false);
        let line = "| point read | 1 | – | 100 | – | – | ≥ 1.5 | – | 1000.0 / – | 1.00 / – |";
        assert_eq!(table.lines().nth(2), Some(line));
    }

    #[test]
    fn a_write_must_also_halve_the_p99() {
        let target = Scenario::Create.target(32, false);
        assert_eq!(target.verdict(Some(1.7), Some(0.6)), "no");
        assert_eq!(target.verdict(Some(1.7), Some(0.5)), "yes");
    }
    #[test]
    fn on_postgres_creates_must_win_and_all_else_must_not_lose() {
        assert_eq!(Scenario::Create.target(32, true).text(), "≥ 1.2");
        assert_eq!(Scenario::PointRead.target(32, true).text(), "≥ 1.0");
    }
}
