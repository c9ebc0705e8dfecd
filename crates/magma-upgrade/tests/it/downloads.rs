//! Servers and lines that behave badly: what is fetched again, what is not, and what ends in the right file.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use magma_upgrade::disk::{Disk, SystemDisk};
use magma_upgrade::fetch::{FetchError, SYNC_EVERY};
use magma_upgrade::manifest::Kind;

use crate::gateway::Gateway;
use crate::release::{file, key, program, publish_program, version};
use crate::web::{Fault, Web};

const PATH: &str = "/1.9.0/magmad";
/// As much as lies between two syncs.
const STEP: usize = SYNC_EVERY as usize;

struct Download {
    web: Web,
    gateway: Gateway,
    contents: Vec<u8>,
}

impl Download {
    async fn of(size: usize) -> Self {
        let (web, contents) = (Web::start().await, program("new", size).0);
        let gateway = Gateway::new(&web, "1.9.0");
        publish_program(&web, &key(1), "1.9.0", &contents);
        Self { web, gateway, contents }
    }

    async fn fetch(&self) -> Result<(), FetchError> {
        let disk: Arc<dyn Disk> = Arc::new(SystemDisk);
        let artefact = file(Kind::Binary, "magmad", &self.contents);
        self.gateway.source.file(&disk, &self.gateway.layout, &version("1.9.0"), &artefact).await
    }

    fn is_whole(&self) -> bool {
        fs::read(self.gateway.layout.download("magmad")).is_ok_and(|contents| contents == self.contents)
    }
}

#[tokio::test]
async fn a_file_that_is_cut_goes_on_from_the_last_synced_byte() {
    let download = Download::of(3 * STEP + 7).await;
    download.web.spoil(PATH, [Fault::Cut(STEP + 5), Fault::Cut(STEP + 1), Fault::Cut(0)]);
    for _ in 0..3 {
        let error = download.fetch().await.expect_err("cut");
        assert!(matches!(error, FetchError::Unreachable(_)), "{error}");
        assert!(!download.is_whole());
    }
    download.fetch().await.unwrap();
    assert!(download.is_whole());
    let asked = download.web.asked(PATH);
    assert_eq!(asked, [None, Some(SYNC_EVERY), Some(2 * SYNC_EVERY), Some(2 * SYNC_EVERY)]);
    download.fetch().await.unwrap();
    assert_eq!(download.web.asked(PATH).len(), 4, "a file that is here is not fetched again");
}

#[tokio::test]
async fn what_is_wrong_with_the_line_is_tried_again_and_what_is_wrong_with_the_file_is_said() {
    for (name, fault, passing, words) in [
        ("not found", Fault::Status(404), true, "HTTP 404"),
        ("an error of the server", Fault::Status(500), true, "HTTP 500"),
        ("cut at once", Fault::Cut(0), true, "closed before"),
        ("no HTTP", Fault::Rubbish, true, "closed"),
        ("a length that is too short", Fault::Length(-1), false, "another length"),
        ("a length that is too long", Fault::Length(1), false, "another length"),
        ("more bytes than were signed", Fault::Endless, false, "longer than"),
        ("to nowhere", Fault::Redirect("ftp://127.0.0.1/x".to_owned()), true, "names a host"),
    ] {
        let download = Download::of(1000).await;
        download.web.spoil(PATH, [fault]);
        let error = download.fetch().await.expect_err(name);
        assert_eq!(matches!(error, FetchError::Unreachable(_)), passing, "{name}: {error}");
        assert!(error.to_string().contains(words), "{name}: {error}");
        assert!(!download.is_whole(), "{name}");
        download.fetch().await.expect(name);
        assert!(download.is_whole(), "{name}");
    }
}

#[tokio::test]
async fn a_server_without_ranges_serves_whole_files_but_not_for_ever() {
    let download = Download::of(2 * STEP).await;
    download.web.spoil(PATH, [Fault::Cut(STEP + 1), Fault::WholeAndCut(STEP + 1), Fault::Whole]);
    assert!(matches!(download.fetch().await, Err(FetchError::Unreachable(_))));
    let error = download.fetch().await.expect_err("cut again");
    assert!(matches!(&error, FetchError::Contents(why) if why.contains("ranges")), "{error}");
    download.fetch().await.unwrap();
    assert!(download.is_whole());
}

#[tokio::test]
async fn another_range_than_was_asked_for_is_never_glued_on() {
    let download = Download::of(2 * STEP).await;
    download.web.spoil(PATH, [Fault::Cut(STEP + 1), Fault::OtherRange]);
    assert!(download.fetch().await.is_err());
    assert!(matches!(download.fetch().await, Err(FetchError::Contents(_))));
    download.fetch().await.unwrap();
    assert!(download.is_whole());
}

#[tokio::test]
async fn another_file_is_removed_and_fetched_from_its_beginning() {
    let download = Download::of(2 * STEP).await;
    let mut other = download.contents.clone();
    other[STEP + 1] ^= 1;
    download.web.put(PATH, other);
    let error = download.fetch().await.expect_err("another file");
    assert!(matches!(&error, FetchError::Contents(why) if why.contains("digest")), "{error}");
    assert_eq!(fs::read_dir(download.gateway.layout.downloads()).unwrap().count(), 0);
    download.web.put(PATH, download.contents.clone());
    download.fetch().await.unwrap();
    assert!(download.is_whole());
}

#[tokio::test]
async fn a_redirection_is_followed_but_not_round_and_round() {
    let download = Download::of(1000).await;
    download.web.put("/elsewhere", download.contents.clone());
    download.web.spoil(PATH, [Fault::Redirect("/elsewhere".to_owned())]);
    download.fetch().await.unwrap();
    assert!(download.is_whole());

    let download = Download::of(1000).await;
    download.web.spoil(PATH, vec![Fault::Redirect(PATH.to_owned()); 20]);
    let error = download.fetch().await.expect_err("round and round");
    assert!(error.to_string().contains("redirects"), "{error}");
    assert_eq!(download.web.requests(), 4);
}

#[tokio::test]
async fn a_server_that_says_nothing_is_given_up() {
    let mut download = Download::of(1000).await;
    download.gateway.source.silence_max = Duration::from_millis(50);
    download.web.spoil(PATH, [Fault::Silence]);
    let error = download.fetch().await.expect_err("silence");
    assert!(matches!(&error, FetchError::Unreachable(why) if why.contains("nothing for")), "{error}");
}

#[tokio::test]
async fn a_limit_of_speed_is_kept() {
    let mut download = Download::of(3000).await;
    download.gateway.source.bytes_per_second_max = Some(10_000);
    let began = std::time::Instant::now();
    download.fetch().await.unwrap();
    assert!(began.elapsed() >= Duration::from_millis(290), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_full_disk_is_said_before_anything_is_fetched() {
    let download = Download::of(1000).await;
    let mut artefact = file(Kind::Binary, "magmad", &download.contents);
    artefact.size = u64::MAX / 2;
    let disk: Arc<dyn Disk> = Arc::new(SystemDisk);
    let layout = &download.gateway.layout;
    let error = download.gateway.source.file(&disk, layout, &version("1.9.0"), &artefact).await;
    let error = error.expect_err("no disk is that large");
    assert!(matches!(&error, FetchError::Disk(why) if why.contains("make room")), "{error}");
    assert_eq!(download.web.requests(), 0);
}

#[tokio::test]
async fn manifests_are_bounded_and_come_after_their_signature() {
    let download = Download::of(1000).await;
    let source = &download.gateway.source;
    assert!(source.manifest(&version("1.9.0")).await.is_ok());
    let error = source.manifest(&version("1.9.1")).await.expect_err("not there");
    assert!(matches!(&error, FetchError::Unreachable(why) if why.contains("404")), "{error}");
    download.web.put("/1.9.0/manifest.json.sig", "");
    let error = source.manifest(&version("1.9.0")).await.expect_err("not signed");
    assert!(matches!(&error, FetchError::Contents(why) if why.contains("no trusted key")), "{error}");
    download.web.put("/1.9.0/manifest.json", vec![b' '; 100_000]);
    assert!(matches!(source.manifest(&version("1.9.0")).await, Err(FetchError::Contents(_))));
    publish_program(&download.web, &key(2), "1.9.0", b"x");
    assert!(source.manifest(&version("1.9.0")).await.is_err(), "somebody else's key");
}
