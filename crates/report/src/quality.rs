//! How good the captures are: what was read, what was not, and what is wrong with them.

use crate::escape::escape;
use crate::page::Page;
use crate::plain;
use hangup_engine::Conclusion;
use hangup_engine::model::{Capture, Problem};

/// Problems of one capture that are told one by one.
const PROBLEMS: usize = 5;
/// Captures that are told one by one; of a ring buffer's thousands only those with problems.
const CAPTURES: usize = 10;

/// Writes what is known about the captures.
pub(crate) fn quality(page: &mut Page<'_>, conclusion: &Conclusion) {
    page.heading("capture quality");
    let captures = &conclusion.captures;
    if captures.len() > CAPTURES {
        let packets: u64 = captures.iter().map(|capture| capture.packets).sum();
        page.wrapped(
            "  ",
            &format!("{}, {}", plain::count(captures.len() as u64, "file"), plain::count(packets, "packet")),
        );
    }
    let told = captures.iter().filter(|capture| captures.len() <= CAPTURES || has_problems(capture));
    for capture in told.clone().take(CAPTURES) {
        about(page, capture);
    }
    let more = told.count().saturating_sub(CAPTURES);
    if more > 0 {
        page.wrapped("  ", &format!("and {} with problems", plain::count(more as u64, "more file")));
    }
    let summary = &conclusion.summary;
    if summary.incomplete > 0 {
        page.wrapped(
            "  ",
            &format!(
                "! {} that were sent and arrived are not in the capture ({}): what is said there may lack what decides",
                plain::bytes(summary.missing_bytes),
                plain::count(summary.incomplete, "connection")
            ),
        );
    }
    if conclusion.evicted > 0 {
        page.wrapped(
            "  ",
            &format!(
                "{} judged early, for there were more at once than the limit allows",
                plain::count(conclusion.evicted, "connection")
            ),
        );
    }
}

fn has_problems(capture: &Capture) -> bool {
    !capture.problems.is_empty() || capture.dropped_by_capture.is_some_and(|dropped| dropped > 0)
}

fn about(page: &mut Page<'_>, capture: &Capture) {
    let zone = page.style.zone.clone();
    let mut text = format!(
        "{}: {}, {}, {}",
        capture.file,
        capture.format,
        plain::count(capture.packets, "packet"),
        plain::bytes(capture.bytes)
    );
    if let (Some(first), Some(last)) = (&capture.first_time, &capture.last_time) {
        text.extend([", ", &zone.date_time(first), " to ", &zone.date_time(last), " (", &zone.name, ")"]);
    }
    page.wrapped("  ", &text);
    let mut remarks = Vec::new();
    if capture.undecoded_packets > 0 {
        remarks.push(format!(
            "{} without TCP or not decodable",
            plain::count(capture.undecoded_packets, "packet")
        ));
    }
    if capture.snaplen_cut_packets > 0 {
        remarks.push(format!(
            "{} stored shorter than sent",
            plain::count(capture.snaplen_cut_packets, "packet")
        ));
    }
    match capture.dropped_by_capture {
        Some(0) => remarks.push("none dropped while capturing".into()),
        Some(dropped) => remarks.push(format!("{} dropped while capturing", plain::count(dropped, "packet"))),
        None => {}
    }
    if capture.problems.is_empty() {
        remarks.push("the file itself has no damage".into());
    }
    page.wrapped("    ", &remarks.join("; "));
    for problem in capture.problems.iter().take(PROBLEMS) {
        page.wrapped("    ! ", &words(problem));
    }
    if let Some(more) = capture.problems.len().checked_sub(PROBLEMS).filter(|more| *more > 0) {
        page.wrapped(
            "    ! ",
            &format!(
                "and {}; --format json names all that were kept",
                plain::count(more as u64, "more problem")
            ),
        );
    }
}

fn words(problem: &Problem) -> String {
    let what = escape(&problem.what);
    match problem.frame {
        Some(frame) => format!("frame {frame}, byte {}: {what}", plain::grouped(problem.offset)),
        None => format!("byte {}: {what}", plain::grouped(problem.offset)),
    }
}
