//! Says in the log what is wrong with the configuration, so that a mistake is not lost among settings without effect.

use magma_config::{Problem, Severity};

/// Logs every mistake in full, and the settings that this agent does not act on as a number.
pub(crate) fn log<'a>(problems: impl IntoIterator<Item = &'a Problem>) {
    for (severity, line) in lines(problems) {
        match severity {
            Severity::Error => tracing::error!("{line}"),
            Severity::Warning | Severity::NoEffect => tracing::warn!("{line}"),
        }
    }
}

/// What is logged; without the words for the severity, which the log puts in front.
fn lines<'a>(problems: impl IntoIterator<Item = &'a Problem>) -> Vec<(Severity, String)> {
    let (without_effect, mistakes): (Vec<_>, Vec<_>) =
        problems.into_iter().partition(|problem| problem.severity == Severity::NoEffect);
    let mut lines: Vec<_> =
        mistakes.into_iter().map(|problem| (problem.severity, problem.without_severity())).collect();
    let told = match without_effect.len() {
        0 => return lines,
        1 => "1 setting has no effect here; magmad check-config names it".to_owned(),
        count => format!("{count} settings have no effect here; magmad check-config lists them"),
    };
    lines.push((Severity::NoEffect, told));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<(Severity, String)> {
        let root = tempfile::tempdir().unwrap();
        std::fs::write(root.path().join("magmad.yml"), text).unwrap();
        let (_, problems) = magma_config::inspect(&magma_config::Paths::under(root.path()));
        lines(problems.iter().filter(|problem| problem.file.ends_with("magmad.yml")))
    }

    #[test]
    fn mistakes_are_told_in_full_and_settings_without_effect_as_a_number() {
        let lines = told(
            "magma_services: many\ngrpc_workers: 3\nenable_systemd_tailer: True\nenable_sync_rcp: True\n\
             upgrader_factory: {module: x}\n",
        );
        let has = |severity, words: &str| {
            assert!(
                lines.iter().any(|(of, line)| *of == severity && line.contains(words)),
                "{words}: {lines:?}"
            );
        };
        has(Severity::Error, "magmad.yml:1: magma_services: is many");
        has(Severity::Warning, "magmad.yml:4: enable_sync_rcp: ");
        has(Severity::NoEffect, "3 settings have no effect here; magmad check-config lists them");
        assert_eq!(lines.iter().filter(|(severity, _)| *severity == Severity::NoEffect).count(), 1);
        for (_, line) in &lines {
            assert!(!line.contains("warning: ") && !line.contains("error: "), "{line}");
            assert!(!line.contains("grpc_workers"), "{line}");
        }
        let one = told("grpc_workers: 3\n");
        assert_eq!(one.last().unwrap().1, "1 setting has no effect here; magmad check-config names it");
        assert!(told("log_level: INFO\n").iter().all(|(severity, _)| *severity != Severity::NoEffect));
    }
}
