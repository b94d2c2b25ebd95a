//! The packets of a connection, drawn: time runs down, the client stands left, the server right.

use crate::escape::escape;
use crate::phrase::endpoint;
use crate::plain;
use crate::style::{Paint, Style};
use crate::wrap::{clip, pad, pad_left, width};
use hangup_engine::model::Connection;
use hangup_engine::{Ladder, Step};
use hangup_wire::{Side, Timestamp};

/// A pause of so many seconds is drawn as a line of its own.
const SILENCE: f64 = 1.0;

/// Draws `steps` of a connection, one a line, after a head that says whose lanes they are. Times are seconds since the
/// connection's first packet. Acts of closing are drawn with `=` and named by their role; long pauses are lines of
/// their own. Every line begins with `indent` spaces and fits the style's width, as far as 60 columns allow.
pub fn ladder(connection: &Connection, ladder: &Ladder, indent: usize, style: &Style) -> Vec<String> {
    let several = ladder.steps.iter().any(|step| step.capture != 0);
    let frames: Vec<String> = ladder.steps.iter().map(|step| frame(step, several)).collect();
    let begin = connection.first_time.parse::<jiff::Timestamp>().ok().and_then(nanoseconds);
    let begin = begin.or(ladder.steps.first().map(|step| step.time)).unwrap_or_default();
    let times: Vec<String> =
        ladder.steps.iter().map(|step| format!("{:.6}", step.time.seconds_since(begin))).collect();
    let roles =
        ladder.steps.iter().filter_map(|step| step.role.as_deref()).map(|role| width(role_words(role)) + 2);
    let margin = Margin {
        indent: " ".repeat(indent),
        frame: frames.iter().map(|frame| width(frame)).max().unwrap_or(0).max(5),
        time: times.iter().map(|time| width(time)).max().unwrap_or(0).max(7),
    };
    // Two columns are the lanes themselves.
    let taken = indent + margin.frame + 2 + margin.time + 2 + 2 + roles.max().unwrap_or(0);
    let lane = style.columns().saturating_sub(taken).clamp(20, 56);

    let mut lines = vec![margin.head(connection, lane)];
    if ladder.left_out > 0 {
        let words = format!("... {} before these ...", plain::count(ladder.left_out, "packet"));
        lines.push(margin.note(&words, lane));
    }
    let mut before: Option<Timestamp> = None;
    for ((step, frame), time) in ladder.steps.iter().zip(&frames).zip(&times) {
        let pause = before.map_or(0.0, |before| step.time.seconds_since(before));
        if pause >= SILENCE {
            let words = format!("... {} of silence ...", plain::duration(pause));
            lines.push(style.paint(Paint::Dim, &margin.note(&words, lane)));
        }
        before = Some(step.time);
        lines.push(margin.step(step, frame, time, lane, style));
    }
    lines
}

/// What stands left of the lanes.
struct Margin {
    indent: String,
    frame: usize,
    time: usize,
}

impl Margin {
    fn head(&self, connection: &Connection, lane: usize) -> String {
        let (client, server) = (endpoint(&connection.client), endpoint(&connection.server));
        let (left, right) = (format!("client {client}"), format!("server {server}"));
        let gap = (lane + 2).saturating_sub(width(&left) + width(&right));
        let names = if gap >= 2 {
            format!("{left}{}{right}", " ".repeat(gap))
        } else {
            format!("client{}server", " ".repeat((lane + 2).saturating_sub(12)))
        };
        format!(
            "{}{}  {}  {names}",
            self.indent,
            pad_left("frame", self.frame),
            pad_left("seconds", self.time)
        )
    }

    fn note(&self, words: &str, lane: usize) -> String {
        let left = lane.saturating_sub(width(words)) / 2;
        let blank = " ".repeat(self.frame + 2 + self.time + 2);
        format!("{}{blank}|{}|", self.indent, pad(&format!("{}{words}", " ".repeat(left)), lane))
    }

    fn step(&self, step: &Step, frame: &str, time: &str, lane: usize, style: &Style) -> String {
        let margin =
            format!("{}{}  {}  ", self.indent, pad_left(frame, self.frame), pad_left(time, self.time));
        let drawn = format!("|{}|", arrow(step, lane));
        match step.role.as_deref() {
            None => format!("{margin}{drawn}"),
            Some(role) => {
                let paint = if role == "first" { Paint::Heading } else { Paint::Dim };
                format!("{margin}{drawn}  {}", style.paint(paint, role_words(role)))
            }
        }
    }
}

/// A packet on its way across the lane.
fn arrow(step: &Step, lane: usize) -> String {
    let shaft = if step.role.is_some() { "=" } else { "-" };
    let words: Vec<_> = step.what.iter().map(|word| escape(word)).collect();
    let words = clip(&words.join(", "), lane.saturating_sub(8));
    let rest = lane.saturating_sub(width(&words) + 5);
    match step.from {
        Some(Side::Client) => format!("{} {words} {}>", shaft.repeat(2), shaft.repeat(rest)),
        Some(Side::Server) => format!("<{} {words} {}", shaft.repeat(rest), shaft.repeat(2)),
        None => {
            let left = lane.saturating_sub(width(&words) + 4) / 2;
            pad(&format!("{}* {words} *", " ".repeat(left)), lane)
        }
    }
}

fn frame(step: &Step, several: bool) -> String {
    if several { format!("{}:{}", step.capture, step.frame) } else { step.frame.to_string() }
}

fn role_words(role: &str) -> &str {
    match role {
        "first" => "first goodbye",
        other => other,
    }
}

fn nanoseconds(time: jiff::Timestamp) -> Option<Timestamp> {
    i64::try_from(time.as_nanosecond()).ok().map(Timestamp)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn drawn(width: usize) -> String {
        let style = Style { width, ..Style::default() };
        ladder(&sample::morning()[2], &sample::ladder(), 2, &style).join("\n")
    }

    #[test]
    fn a_ladder_at_eighty_columns() {
        insta::assert_snapshot!(drawn(80));
    }

    #[test]
    fn every_line_fits() {
        for columns in [60, 80, 100, 110] {
            for line in drawn(columns).lines() {
                assert!(width(line) <= columns, "{columns}: {line}");
            }
        }
    }

    #[test]
    fn what_comes_from_the_wire_is_escaped() {
        let mut steps = sample::ladder();
        steps.steps[0].what = vec!["GET /\x1b[2J".into()];
        let lines = ladder(&sample::morning()[2], &steps, 0, &Style::default()).join("\n");
        assert!(!lines.contains('\x1b'), "{lines}");
    }

    #[test]
    fn frames_of_several_captures_say_which() {
        let mut steps = sample::ladder();
        steps.steps[1].capture = 1;
        let lines = ladder(&sample::morning()[2], &steps, 0, &Style::default()).join("\n");
        assert!(lines.contains("1:48090"), "{lines}");
    }
}
