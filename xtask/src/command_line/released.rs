//! The date in the man pages: that of the release, and not of the build, so that the same sources give the same pages.

const CHANGELOG: &str = include_str!("../../../CHANGELOG.md");

/// When the newest version in the changelog was released; `unreleased` before that.
pub fn date() -> &'static str {
    of(CHANGELOG)
}

/// A version's heading is `## VERSION - YYYY-MM-DD`.
fn of(changelog: &str) -> &str {
    let newest = changelog.lines().find_map(|line| line.strip_prefix("## ")).unwrap_or_default();
    newest.split_once(" - ").map_or("unreleased", |(_, date)| date.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_newest_versions() {
        for (changelog, expected) in [
            ("# Changelog\n\n## Unreleased\n- More - much\n\n## 0.1.0 - 2027-01-31\n", "unreleased"),
            ("# Changelog\n\n## 0.2.0 - 2027-02-28 \n\n### Added\n\n## 0.1.0 - 2027-01-31\n", "2027-02-28"),
            ("# Changelog\n", "unreleased"),
        ] {
            assert_eq!(of(changelog), expected, "{changelog}");
        }
        let year = date().split('-').next().and_then(|year| year.parse::<u16>().ok());
        assert!(date() == "unreleased" || year.is_some(), "{} is no date", date());
    }
}
