//! Whether Debian upgrades itself: `/etc/apt/apt.conf.d/20auto-upgrades`.

/// Reads the file: `APT::Periodic::Unattended-Upgrade "1";`. The last such line counts; whatever else stands there,
/// blank lines and comments too, says nothing.
pub fn is_unattended_upgrade_on(auto_upgrades: &str) -> bool {
    let mut values = auto_upgrades.lines().filter_map(|line| {
        let value = line.trim().strip_prefix("APT::Periodic::Unattended-Upgrade")?;
        Some(value.trim().trim_end_matches(';').trim_matches('"'))
    });
    // Apt takes a number of days, in which 0 means never, and "always".
    values.next_back().is_some_and(|value| value == "always" || value.parse().is_ok_and(|days: u32| days > 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_lines_and_comments_do_no_harm() {
        let debians =
            "APT::Periodic::Update-Package-Lists \"1\";\nAPT::Periodic::Unattended-Upgrade \"1\";\n";
        for (text, on) in [
            (debians.to_owned(), true),
            (format!("// by hand\n\n   \n# x\n{debians}\n"), true),
            (debians.replace("\"1\"", "\"0\""), false),
            (format!("{debians}APT::Periodic::Unattended-Upgrade \"0\";"), false),
            (format!("//{debians}").replace("\nAPT", "\n//APT"), false),
            ("APT::Periodic::Unattended-Upgrade".to_owned(), false),
            (String::new(), false),
        ] {
            assert_eq!(is_unattended_upgrade_on(&text), on, "{text}");
        }
    }
}
