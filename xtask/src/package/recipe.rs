//! The recipes for images, `deploy/oci`, built by `buildah` around a file that stands for the program. Where `buildah` is not
//! installed or may not build, this is skipped.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};

/// `buildah` with a storage of its own, which needs no mounts.
fn buildah(storage: &Path, words: &[&str]) -> Option<Output> {
    let mut command = Command::new("buildah");
    command.arg("--root").arg(storage.join("root")).arg("--runroot").arg(storage.join("run"));
    command.args(["--storage-driver", "vfs"]).args(words).output().ok()
}

/// The configuration of the image that a recipe makes of these files.
fn built(recipe: &str, files: &[&str]) -> Option<Value> {
    let storage = tempfile::tempdir().expect("a folder");
    if !buildah(storage.path(), &["info"]).is_some_and(|info| info.status.success()) {
        println!("skipped: buildah is not installed, or not allowed to build here");
        return None;
    }
    let context = storage.path().join("context");
    for file in files {
        let path = context.join(file);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, file).expect("a file");
    }
    let recipe = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/oci").join(recipe);
    let (recipe, context) = (recipe.to_str().expect("UTF-8"), context.to_str().expect("UTF-8"));
    let run = |words: &[&str]| {
        let output = buildah(storage.path(), words).expect("buildah");
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    };
    run(&["bud", "--isolation", "chroot", "--file", recipe, "--tag", "image", context]);
    let image: Value = serde_json::from_slice(&run(&["inspect", "--type", "image", "image"])).expect("JSON");
    Some(image["OCIv1"]["config"].clone())
}

#[test]
fn the_orchestrators_image_runs_it_for_a_user_without_rights() {
    let Some(image) = built("Containerfile.orc8r", &["orc8r"]) else { return };
    assert_eq!(image["Entrypoint"], json!(["/usr/bin/orc8r"]));
    assert_eq!(image["User"], "65532:65532", "the number that the chart has, too");
    assert_eq!(image["StopSignal"], "SIGTERM");
    assert_eq!(image["Volumes"], json!({ "/var/lib/orc8r": {} }));
    let ports = image["ExposedPorts"].as_object().expect("ports");
    let ports: Vec<&str> = ports.keys().map(String::as_str).collect();
    assert_eq!(ports, ["24224/tcp", "8080/tcp", "8443/tcp", "8444/tcp", "9443/tcp"]);
}

#[test]
fn the_agents_image_runs_it() {
    let Some(image) = built("Containerfile", &["magmad", "defaults/magmad.yml"]) else { return };
    assert_eq!((&image["Entrypoint"], &image["Cmd"]), (&json!(["/usr/bin/magmad"]), &json!(["run"])));
    assert_eq!(image["StopSignal"], "SIGTERM");
    assert!(image.get("User").is_none(), "it starts and stops services");
}
