//! The chart for Kubernetes. Without Helm: every value that a template names is there, every value is named, and the braces
//! are closed. Where Helm's library for Python is installed, Helm lints and renders it, and the manifests are held against
//! Kubernetes' schemas and against each other. No cluster has run it here.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").join("deploy/helm/orc8r")
}

fn templates() -> Vec<(String, String)> {
    let files = fs::read_dir(folder().join("templates")).expect("templates");
    let files = files.map(|file| file.expect("a file").path());
    files.map(|path| (path.display().to_string(), fs::read_to_string(path).expect("text"))).collect()
}

/// The places of the leaves of a YAML file that has nothing but maps of plain values.
fn leaves(text: &str) -> BTreeSet<String> {
    let lines = text.lines().filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'));
    let mut open: Vec<(usize, String)> = Vec::new();
    let mut leaves = BTreeSet::new();
    for line in lines {
        let indent = line.len() - line.trim_start().len();
        let (name, value) = line.trim().split_once(':').unwrap_or_else(|| panic!("no map: {line}"));
        open.retain(|(above, _)| *above < indent);
        open.push((indent, name.to_owned()));
        if !value.trim().is_empty() {
            leaves.insert(open.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>().join("."));
        }
    }
    leaves
}

/// What follows `.Values.` in a template.
fn named(text: &str) -> BTreeSet<String> {
    let is_name = |sign: char| sign.is_ascii_alphanumeric() || sign == '.';
    let after = text.split(".Values.").skip(1);
    after.map(|rest| rest.split(|sign| !is_name(sign)).next().unwrap_or_default().to_owned()).collect()
}

#[test]
fn templates_name_the_values_that_there_are() {
    let values = leaves(&fs::read_to_string(folder().join("values.yaml")).expect("values"));
    let named: BTreeSet<String> = templates().iter().flat_map(|(_, text)| named(text)).collect();
    let covers = |name: &str, leaf: &str| {
        leaf.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let missing: Vec<_> = named.iter().filter(|name| !values.iter().any(|leaf| covers(name, leaf))).collect();
    assert!(missing.is_empty(), "no such values: {missing:?}");
    let idle: Vec<_> = values.iter().filter(|leaf| !named.iter().any(|name| covers(name, leaf))).collect();
    assert!(idle.is_empty(), "no template names {idle:?}");
}

#[test]
fn templates_close_what_they_open() {
    for (file, text) in templates() {
        assert_eq!(text.matches("{{").count(), text.matches("}}").count(), "{file}");
        let words = |word: &str| text.matches(&format!("{{{{- {word}")).count();
        assert_eq!(words("range") + words("with") + words("if"), words("end"), "{file}");
        assert!(!text.contains('\t'), "{file} has a tabulator");
    }
}

/// The same options as the program's: a chart that names another one gives pods that never start.
#[test]
fn the_pods_options_are_the_programs() {
    let root = folder().join("../../..");
    let words =
        fs::read_to_string(root.join("deploy/completions/orc8r.bash")).expect("the command's completions");
    let known: BTreeSet<&str> = words.split(|sign: char| sign.is_whitespace() || sign == '"').collect();
    let set = templates().into_iter().find(|(file, _)| file.ends_with("statefulset.yaml")).expect("a set").1;
    let options = set.split("--").skip(1).filter_map(|rest| rest.split_once('=').map(|(name, _)| name));
    let own: Vec<&str> =
        options.filter(|name| name.chars().all(|sign| sign.is_ascii_lowercase() || sign == '-')).collect();
    assert!(own.len() > 8, "{own:?}");
    for name in own {
        assert!(known.contains(&*format!("--{name}")), "`orc8r serve` has no --{name}");
    }
}

/// What Helm makes of the chart with these values, after `helm lint --strict` and Kubernetes' schemas; none where its
/// library for Python is not installed.
fn rendered(values: &Value) -> Option<Result<Vec<Value>, String>> {
    let python = |arguments: &[&str]| Command::new("python3").args(arguments).output();
    if !python(&["-c", "import helm_python, kubernetes_validate"]).is_ok_and(|import| import.status.success())
    {
        println!("skipped: Python's helm-python-sdk and kubernetes-validate are not installed");
        return None;
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/package/render_chart.py");
    let folder = folder();
    let words = [script.to_str(), folder.to_str()].map(|path| path.expect("UTF-8"));
    let output = python(&[words[0], words[1], &values.to_string()]).expect("python3");
    if !output.status.success() {
        return Some(Err(String::from_utf8_lossy(&output.stderr).into_owned()));
    }
    Some(Ok(serde_json::from_slice(&output.stdout).expect("a list of manifests")))
}

fn list<'a>(value: &'a Value, path: &str) -> &'a [Value] {
    value.pointer(path).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn words<'a>(values: impl IntoIterator<Item = &'a Value>, path: &str) -> BTreeSet<&'a str> {
    values.into_iter().filter_map(|value| value.pointer(path)?.as_str()).collect()
}

/// What no schema says: that what one manifest names is there in another.
fn fits_together(manifests: &[Value]) {
    let of = |kind: &str| manifests.iter().filter(|it| it["kind"] == kind).collect::<Vec<_>>();
    let [set] = of("StatefulSet")[..] else { panic!("no set") };
    let pod = &set["spec"]["template"];
    let labels = &pod["metadata"]["labels"];
    assert_eq!(&set["spec"]["selector"]["matchLabels"], labels);
    let [container] = list(pod, "/spec/containers") else { panic!("one container") };
    let ports = words(list(container, "/ports"), "/name");
    for service in of("Service") {
        assert_eq!(&service["spec"]["selector"], labels);
        let named = words(list(service, "/spec/ports"), "/targetPort");
        assert!(!named.is_empty() && named.is_subset(&ports), "{named:?} are not all in {ports:?}");
    }
    let services = of("Service");
    assert!(words(services, "/metadata/name").contains(set["spec"]["serviceName"].as_str().expect("a name")));
    let [budget] = of("PodDisruptionBudget")[..] else { panic!("no budget") };
    assert_eq!(&budget["spec"]["selector"]["matchLabels"], labels);
    for probe in ["startupProbe", "livenessProbe", "readinessProbe"] {
        assert!(ports.contains(container[probe]["httpGet"]["port"].as_str().expect("a port")), "{probe}");
    }
    let mut volumes = words(list(pod, "/spec/volumes"), "/name");
    volumes.extend(words(list(set, "/spec/volumeClaimTemplates"), "/metadata/name"));
    assert_eq!(words(list(container, "/volumeMounts"), "/name"), volumes);
}

#[test]
fn helm_and_kubernetes_take_the_chart() {
    let changed = json!({
        "replicas": 5,
        "domain": "magma.example.com",
        "service": { "type": "NodePort", "annotations": { "example.com/passes": "tcp", "example.com/n": "1" } },
        "storage": { "className": "fast" },
        "options": ["--logs-days=30", "--export-to=loki+https://a.example/?a=\"b\": #c"],
        "drainDelaySeconds": 45,
        "resources": {},
    });
    for values in [json!({}), changed] {
        let Some(manifests) = rendered(&values) else { return };
        let manifests = manifests.unwrap_or_else(|error| panic!("{values}: {error}"));
        fits_together(&manifests);
        let set = manifests.iter().find(|manifest| manifest["kind"] == "StatefulSet").expect("a set");
        let pod = &set["spec"]["template"]["spec"];
        let arguments: Vec<&str> =
            list(pod, "/containers/0/args").iter().map(|word| word.as_str().expect("text")).collect();
        assert_eq!(arguments[0], "serve");
        let given: Vec<&str> =
            list(&values, "/options").iter().map(|word| word.as_str().expect("text")).collect();
        assert!(arguments.ends_with(&given), "{arguments:?}");
        let delay = values["drainDelaySeconds"].as_u64().unwrap_or(10);
        assert_eq!(pod["terminationGracePeriodSeconds"], delay + 30);
        assert!(arguments.contains(&format!("--drain-delay={delay}").as_str()), "{arguments:?}");
        let class = &set["spec"]["volumeClaimTemplates"][0]["spec"]["storageClassName"];
        assert_eq!(class, &values["storage"]["className"]);
    }
    let refused =
        rendered(&json!({ "replicas": "three" })).and_then(Result::err).expect("the schemas are asked");
    assert!(refused.contains("'three'"), "{refused}");
}
