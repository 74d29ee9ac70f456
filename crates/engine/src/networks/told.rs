//! A report with what mail servers said since: findings, verdict and text go together.

use crate::checks::CheckReport;
use advisor::checks::finding::Finding;
use advisor::taught::{About, Looked, Told, counts, taught};
use advisor::verdict::{Judged, direct};
use jiff::Timestamp;
use store::NetworkLesson;

/// What is kept of refusals, as the adviser takes it.
pub(super) fn told_by(lessons: &[NetworkLesson]) -> Vec<Told> {
    let told = |lesson: &NetworkLesson| Told {
        class: lesson.class,
        host: lesson.host.clone(),
        sender: lesson.sender.clone(),
        reply: lesson.reply.clone(),
        at: lesson.at,
    };
    lessons.iter().map(told).collect()
}

/// The report with what was said since it was made.
pub(super) fn with_told(
    report: CheckReport,
    about: About<'_>,
    looked: Looked,
    told: &[Told],
    now: Timestamp,
) -> CheckReport {
    let findings = taught(report.findings.clone(), about, Some(looked), told, now);
    if findings == report.findings { report } else { judged(report, findings) }
}

/// What was said where nobody ever looked, with when it was said last; `None` where nothing was.
pub(super) fn only_told(about: About<'_>, told: &[Told], now: Timestamp) -> Option<(Timestamp, CheckReport)> {
    let last = told.iter().filter(|one| counts(one, about, None, now)).map(|one| one.at).max()?;
    let findings = taught(Vec::new(), about, None, told, now);
    let nothing = CheckReport {
        verdict: advisor::verdict::Verdict::Good,
        because: String::new(),
        findings: Vec::new(),
        took_ms: 0,
        for_support: String::new(),
    };
    Some((last, judged(nothing, findings)))
}

/// The report as it is by these findings. What is told apart from before is put first in the text for others, which leaves
/// out already whom else it could name.
fn judged(report: CheckReport, findings: Vec<Finding>) -> CheckReport {
    let Judged { verdict, because } = direct(&findings);
    let new = findings.iter().filter(|finding| !report.findings.contains(finding));
    let said: String = new.map(|finding| format!("\n{}", finding.brief())).collect();
    let before =
        if report.for_support.is_empty() { String::new() } else { format!("\nBefore that: {}", report.for_support) };
    CheckReport {
        verdict,
        because: because.clone(),
        for_support: format!("{because}\n{said}{before}"),
        findings,
        ..report
    }
}
