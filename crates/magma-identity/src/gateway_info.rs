//! The gateway's public identity as text, in the two existing formats that people and scripts already read.

use crate::HardwareId;

/// From which sources this program was built. Empty texts print as unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BuildInfo {
    /// Branch.
    pub branch: String,
    /// Tag.
    pub tag: String,
    /// Hash of the commit.
    pub hash: String,
    /// Date of the commit.
    pub commit_date: String,
    /// Date of the build; only the Go format shows it.
    pub build_date: String,
}

/// The text of `show_gateway_info.py`, with the empty line that Python's `print` adds at the end.
pub fn python_format(hardware_id: &HardwareId, public_key_base64: &str, build: &BuildInfo) -> String {
    let [branch, tag, hash, date] = commit(build, "unknown");
    format!(
        "
Hardware ID
-----------
{hardware_id}

Challenge key
-------------
{public_key_base64}

Build info
-------------
 Commit Branch: {branch}
 Commit Tag: {tag}
 Commit Hash: {hash}
 Commit Date: {date}

Notes
-----
- Hardware ID is this gateway's unique identifier
- Challenge key is this gateway's long-term keypair used for
  bootstrapping a secure connection to the cloud
- Build info shows git commit information of this build

"
    )
}

/// The text of the Go agent's `-show`.
pub fn go_format(hardware_id: &HardwareId, public_key_base64: &str, build: &BuildInfo) -> String {
    let [branch, tag, hash, date] = commit(build, "UNDEFINED");
    let build_date = or(&build.build_date, "UNDEFINED");
    format!(
        "
Hardware ID:
------------
{hardware_id}

Challenge Key:
--------------
{public_key_base64}

Build Info:
-----------
\tCommit Branch: {branch}
\tCommit Tag:    {tag}
\tCommit Hash:   {hash}
\tCommit Date:   {date}
\tBuild  Date:   {build_date}
"
    )
}

fn commit<'a>(build: &'a BuildInfo, unknown: &'a str) -> [&'a str; 4] {
    [&build.branch, &build.tag, &build.hash, &build.commit_date].map(|text| or(text, unknown))
}

fn or<'a>(text: &'a str, otherwise: &'a str) -> &'a str {
    if text.is_empty() { otherwise } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build() -> BuildInfo {
        BuildInfo { branch: "main".to_owned(), hash: "abc".to_owned(), ..BuildInfo::default() }
    }

    /// Scripts look for the line two below a headline.
    #[track_caller]
    fn check(text: &str, headline: &str, underline: &str, expected: &str) {
        let lines: Vec<_> = text.lines().collect();
        let position = lines.iter().position(|line| *line == headline).unwrap();
        assert_eq!(lines[position - 1], "", "an empty line before {headline}");
        assert_eq!((lines[position + 1], lines[position + 2]), (underline, expected));
    }

    #[test]
    fn headlines_and_values_are_where_scripts_look_for_them() {
        let id = HardwareId::parse("1b4e28ba-2fa1-11d2-883f-0016d3cca427").unwrap();
        let python = python_format(&id, "MHYw", &build());
        assert!(python.starts_with("\nHardware ID\n") && python.ends_with("of this build\n\n"));
        check(&python, "Hardware ID", "-----------", id.as_str());
        check(&python, "Challenge key", "-------------", "MHYw");
        check(&python, "Build info", "-------------", " Commit Branch: main");
        assert!(python.contains(
            "\n Commit Tag: unknown\n Commit Hash: abc\n Commit Date: unknown\n\nNotes\n-----\n- "
        ));
        let go = go_format(&id, "MHYw", &build());
        check(&go, "Hardware ID:", "------------", id.as_str());
        check(&go, "Challenge Key:", "--------------", "MHYw");
        check(&go, "Build Info:", "-----------", "\tCommit Branch: main");
        assert!(
            go.ends_with("\n\tCommit Hash:   abc\n\tCommit Date:   UNDEFINED\n\tBuild  Date:   UNDEFINED\n")
        );
    }
}
