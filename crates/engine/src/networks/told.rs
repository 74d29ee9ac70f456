//! A report with what mail servers said since: findings, verdict and text go together.

use crate::checks::CheckReport;
use advisor::checks::finding::Finding;
use advisor::checks::sharing::Private;
use advisor::taught::{About, Looked, Told, counts, is_anything_common, taught};
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
    if findings == report.findings { report } else { judged(report, findings, told) }
}

/// What was said where nobody ever looked, with when it was said last; `None` where nothing was that more than one owner said.
pub(super) fn only_told(about: About<'_>, told: &[Told], now: Timestamp) -> Option<(Timestamp, CheckReport)> {
    if !is_anything_common(about, None, told, now) {
        return None;
    }
    let last = told.iter().filter(|one| counts(one, about, None, now)).map(|one| one.at).max()?;
    let findings = taught(Vec::new(), about, None, told, now);
    let nothing = CheckReport {
        verdict: advisor::verdict::Verdict::Good,
        because: String::new(),
        findings: Vec::new(),
        took_ms: 0,
        for_support: String::new(),
    };
    Some((last, judged(nothing, findings, told)))
}

/// The report as it is by these findings. What was said since is put first in the text for others, which leaves out already
/// whom else it could name; of what was found before only the new evidence is, since its words may name anybody.
fn judged(report: CheckReport, findings: Vec<Finding>, told: &[Told]) -> CheckReport {
    let Judged { verdict, because } = direct(&findings);
    let private = Private::of_names(told.iter().map(|one| one.host.as_str()));
    let said: String =
        findings.iter().filter_map(|finding| said_since(finding, &report.findings, &private)).collect();
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

/// What is new of a finding, as others may read it; `None` where nothing is.
fn said_since(finding: &Finding, before: &[Finding], private: &Private) -> Option<String> {
    let is_same = |known: &&Finding| {
        (known.check, &known.subject, &known.title) == (finding.check, &finding.subject, &finding.title)
    };
    let Some(known) = before.iter().find(is_same) else {
        return Some(format!("\n{}", private.withheld(finding).brief()));
    };
    let new: Vec<_> = finding.evidence.iter().filter(|one| !known.evidence.contains(one)).cloned().collect();
    if new.is_empty() {
        return None;
    }
    let given = private.withheld(&Finding { evidence: new, ..finding.clone() });
    let lines: String = given.evidence.iter().map(|one| format!("    {}: {}\n", one.asked, one.answer)).collect();
    Some(format!("\n[{}] said since of what was found before\n{lines}", finding.status.word()))
}
