//! Rule 2: some libraries have one owner. Only `magma-rpc` and the generated stubs name the TLS and HTTP/2 stack, only
//! `orc8r-store` names the SQL driver; so that each can be replaced in one place.

use super::finding::Finding;
use super::manifests::Crate;
use super::rust_code::{self, code_only};
use super::tree::{Tree, numbered};

const RULE: &str = "owned-libraries";

/// Libraries and the crates that may name them.
struct Owned {
    libraries: &'static [&'static str],
    /// Names, or prefixes that end with a dash.
    owners: &'static [&'static str],
    fix: &'static str,
}

const OWNED: [Owned; 2] = [
    Owned {
        libraries: &[
            "rustls",
            "tokio-rustls",
            "rustls-pki-types",
            "hyper",
            "hyper-util",
            "hyper-rustls",
            "h2",
            "tonic",
            "tonic-prost",
        ],
        owners: &["magma-rpc", "wire-"],
        fix: "use what `magma_rpc` offers or re-exports.",
    },
    Owned {
        libraries: &["rusqlite", "libsqlite3-sys", "tokio-postgres", "deadpool-postgres", "sqlx"],
        owners: &["orc8r-store"],
        fix: "add a method to the store.",
    },
];

/// Checks the manifests and the sources of all crates.
pub fn check(tree: &Tree, crates: &[Crate]) -> Vec<Finding> {
    crates.iter().flat_map(|from| [in_manifest(from), in_sources(tree, from)].concat()).collect()
}

fn in_manifest(from: &Crate) -> Vec<Finding> {
    let names = from.dependencies.iter().filter_map(|dependency| {
        let owned =
            foreign(&from.name).find(|owned| owned.libraries.contains(&dependency.package.as_str()))?;
        let says = format!("`{}` names `{}`.", from.name, dependency.package);
        Some(Finding::error(RULE, &from.manifest_path(), dependency.line, says, owned.fix))
    });
    names.collect()
}

/// Cargo lets no crate name what its manifest does not; this finds the names before the manifest is extended.
fn in_sources(tree: &Tree, from: &Crate) -> Vec<Finding> {
    let mut findings = Vec::new();
    let folder = format!("{}/", from.folder);
    for (path, text) in tree.rust_files().filter(|(path, _)| path.starts_with(&folder)) {
        for (number, line) in numbered(&code_only(text)) {
            for owned in foreign(&from.name) {
                let named = owned.libraries.iter().find(|library| names_library(line, library));
                findings.extend(named.map(|library| {
                    let says = format!("`{}` names `{library}`.", from.name);
                    Finding::error(RULE, path, Some(number), says, owned.fix)
                }));
            }
        }
    }
    findings
}

/// `tonic` may be used under that name once it is imported from `magma_rpc`, as its attribute macros want.
fn names_library(line: &str, library: &str) -> bool {
    let module = library.replace('-', "_");
    rust_code::imports(line, &module) || (library != "tonic" && rust_code::starts_path(line, &module))
}

fn foreign(name: &str) -> impl Iterator<Item = &'static Owned> {
    let owns = move |owner: &&str| name == *owner || (owner.ends_with('-') && name.starts_with(*owner));
    OWNED.iter().filter(move |owned| !owned.owners.iter().any(&owns))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::finding::places;
    use crate::tidy::manifests::made_up;

    #[test]
    fn manifests_name_only_what_they_own() {
        let check = |row: &str, folder: &str, library: &str, allowed: bool| {
            let findings = check(&Tree::default(), &[made_up(folder, &["serde", library])]);
            let expected =
                if allowed { vec![] } else { vec![format!("owned-libraries {folder}/Cargo.toml:5")] };
            assert_eq!(places(&findings), expected, "{row}");
        };
        check("TLS in its owner", "crates/magma-rpc", "rustls", true);
        check("HTTP/2 in its owner", "crates/magma-rpc", "hyper-util", true);
        check("gRPC in the stubs", "crates/wire-lte", "tonic", true);
        check("gRPC elsewhere", "crates/orc8r-southbound", "tonic", false);
        check("TLS elsewhere", "apps/orc8r", "tokio-rustls", false);
        check("SQL in its owner", "crates/orc8r-store", "rusqlite", true);
        check("SQL in the owner of TLS", "crates/magma-rpc", "rusqlite", false);
        check("TLS in the owner of SQL", "crates/orc8r-store", "rustls", false);
        check("something that nobody owns", "crates/orc8r-rest", "axum", true);
    }

    #[test]
    fn sources_name_only_what_they_own() {
        let check = |row: &str, line: &str, allowed: bool| {
            let path = "crates/orc8r-rest/src/lib.rs";
            let tree = Tree::of(&[(path, &format!("//! Docs about hyper::Body.\n{line}\n"))]);
            let findings = check(&tree, &[made_up("crates/orc8r-rest", &[])]);
            let expected = if allowed { vec![] } else { vec![format!("owned-libraries {path}:2")] };
            assert_eq!(places(&findings), expected, "{row}");
        };
        check("an import", "use rustls::ServerConfig;", false);
        check("an import with leading colons", "pub(crate) use ::hyper::body;", false);
        check("a path", "fn f(body: hyper::body::Incoming) {}", false);
        check("a name with a dash", "let io = hyper_util::rt::TokioIo::new(io);", false);
        check("gRPC directly", "use tonic::Status;", false);
        check("gRPC by the owner", "use magma_rpc::tonic;", true);
        check("gRPC's macro, under its name", "#[tonic::async_trait]", true);
        check(
            "a module of the same name elsewhere",
            "use magma_rpc::hyper::x; let y = magma_rpc::h2::z();",
            true,
        );
        check("part of a longer name", "use hyperloop::Fast; let tonic_water = 1;", true);
        check("a comment", "let x = 1; // rustls::x", true);
        check("text", "let x = \"use rustls::x\";", true);
    }
}
