//! A PostgreSQL server in a temporary folder, run by an unprivileged user, reached by a Unix socket only.

use std::fs;
use std::io::{self, ErrorKind, Read as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Where Debian puts each version's programs.
const VERSIONS: &str = "/usr/lib/postgresql";
/// How long a server on a busy machine may take to answer.
const START_LIMIT: Duration = Duration::from_secs(120);
const RETRY: Duration = Duration::from_millis(50);
/// The owner of every database.
const USER: &str = "orc8r";

/// Runs the server until the standard input ends, which it does when the test ends in any way. Its folder goes with
/// it, unless a file says that it is to be started again.
const SUPERVISOR: &str = r#"
folder=$1; shift
"$@" >>"$folder/log" 2>&1 </dev/null &
server=$!
read -r signal
kill -"${signal:-INT}" "$server" 2>/dev/null
wait "$server" 2>/dev/null
[ -e "$folder/keep" ] || rm -rf "$folder"
"#;

/// A server of a test's own. It ends, with all that is in it, when this is dropped or the test binary ends.
pub struct Server {
    programs: PathBuf,
    folder: PathBuf,
    owner: Option<(u32, u32)>,
    port: u16,
    settings: Vec<String>,
    running: Mutex<Option<Child>>,
}

impl Server {
    /// Whether PostgreSQL's server is installed here.
    pub fn is_installed() -> bool {
        programs().is_some()
    }

    /// Makes and starts a server; `None`, and a line that says so, when PostgreSQL is not installed.
    ///
    /// # Errors
    /// When it is installed and does not work.
    pub fn start() -> io::Result<Option<Self>> {
        Self::start_at(5432, &[], &[])
    }

    /// The same with settings of its own, which name the port when it is another than 5432, and with files in its folder:
    /// their names and contents.
    ///
    /// # Errors
    /// When PostgreSQL is installed and does not work.
    pub fn start_at(port: u16, settings: &[&str], files: &[(&str, &str)]) -> io::Result<Option<Self>> {
        let Some(programs) = programs() else {
            say_skipped();
            return Ok(None);
        };
        let owner = unprivileged_user()?;
        let folder = new_folder(owner)?;
        for (name, contents) in files {
            let path = folder.join(name);
            fs::write(&path, contents)?;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;
            if let Some((user, group)) = owner {
                std::os::unix::fs::chown(&path, Some(user), Some(group))?;
            }
        }
        let settings = settings.iter().map(|setting| (*setting).to_owned()).collect();
        let server = Self { programs, folder, owner, port, settings, running: Mutex::default() };
        server.make()?;
        server.resume()?;
        Ok(Some(server))
    }

    /// Where its socket and its files are.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The URL of a database.
    pub fn url(&self, database: &str) -> String {
        let folder = self.folder.display().to_string().replace('/', "%2F");
        format!("postgres://{USER}@{folder}/{database}?connections=3")
    }

    /// Makes a database and returns its URL.
    ///
    /// # Errors
    /// When the server refuses.
    pub fn create_database(&self, name: &str) -> io::Result<String> {
        let made = self.program("createdb").args(["--template=template0", "--no-password", name]).output()?;
        successful("createdb", &made)?;
        Ok(self.url(name))
    }

    /// Runs SQL as an administrator would, and returns what it printed: a line for each row.
    ///
    /// # Errors
    /// When the server refuses.
    pub fn sql(&self, database: &str, sql: &str) -> io::Result<String> {
        let answer = self
            .program("psql")
            .args(["--no-psqlrc", "--no-align", "--tuples-only", "--set=ON_ERROR_STOP=1"])
            .args(["--command", sql, database])
            .output()?;
        successful("psql", &answer)?;
        Ok(String::from_utf8_lossy(&answer.stdout).trim().to_owned())
    }

    /// Ends the server as an administrator would: sessions are cut. Its data stay.
    ///
    /// # Errors
    /// When it cannot be told.
    pub fn stop(&self) -> io::Result<()> {
        self.end("INT")
    }

    /// Ends the server at once, without writing anything more.
    ///
    /// # Errors
    /// When it cannot be told.
    pub fn crash(&self) -> io::Result<()> {
        self.end("QUIT")
    }

    /// Starts the server, the first time or after [`Server::stop`], and waits until it answers.
    ///
    /// # Errors
    /// When it does not come up.
    pub fn resume(&self) -> io::Result<()> {
        let _ = fs::remove_file(self.folder.join("keep"));
        let mut command = self.unprivileged(Command::new("/bin/sh"));
        command.args(["-c", SUPERVISOR, "sh"]).arg(&self.folder).arg(self.programs.join("postgres"));
        command.arg("-D").arg(self.folder.join("data")).arg("-k").arg(&self.folder);
        let settings = ["listen_addresses=", "max_connections=300", "shared_buffers=32MB", "fsync=off"];
        for setting in settings.into_iter().chain(self.settings.iter().map(String::as_str)) {
            command.args(["-c", setting]);
        }
        let child = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        *lock(&self.running) = Some(child);
        self.wait_until_it_answers()
    }

    fn make(&self) -> io::Result<()> {
        // A language of its own, so that a test notices where text is not compared byte by byte.
        let mut command = self.unprivileged(Command::new(self.programs.join("initdb")));
        command.arg("-D").arg(self.folder.join("data")).args(["-U", USER, "-A", "trust", "--no-sync"]);
        command.args(["--encoding=UTF8", "--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en"]);
        successful("initdb", &command.output()?)
    }

    fn wait_until_it_answers(&self) -> io::Result<()> {
        let end = Instant::now() + START_LIMIT;
        loop {
            let answer = self.program("psql").args(["--command", "SELECT 1", "postgres"]).output()?;
            match successful("psql", &answer) {
                Ok(()) => return Ok(()),
                Err(error) if Instant::now() > end => return Err(error),
                Err(_) => std::thread::sleep(RETRY),
            }
        }
    }

    fn end(&self, signal: &str) -> io::Result<()> {
        let Some(mut child) = lock(&self.running).take() else { return Ok(()) };
        fs::write(self.folder.join("keep"), "")?;
        if let Some(mut input) = child.stdin.take() {
            io::Write::write_all(&mut input, format!("{signal}\n").as_bytes())?;
        }
        child.wait().map(drop)
    }

    /// One of PostgreSQL's programs that talk to this server.
    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.programs.join(name));
        command
            .env("PGHOST", &self.folder)
            .env("PGPORT", self.port.to_string())
            .env("PGUSER", USER)
            .env("PGCONNECT_TIMEOUT", "30");
        command.stdin(Stdio::null()).current_dir(&self.folder);
        command
    }

    fn unprivileged(&self, mut command: Command) -> Command {
        if let Some((user, group)) = self.owner {
            command.uid(user).gid(group);
        }
        command.current_dir(&self.folder);
        command
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.end("QUIT");
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[expect(clippy::print_stdout, reason = "a test says that it is skipped")]
fn say_skipped() {
    println!("skipped: PostgreSQL's server is not installed (.ci/install installs it)");
}

/// The folder of the newest version's programs.
fn programs() -> Option<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = fs::read_dir(VERSIONS)
        .ok()?
        .filter_map(Result::ok)
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .filter(|(_, programs)| {
            ["postgres", "initdb", "psql", "createdb"].iter().all(|name| programs.join(name).exists())
        })
        .collect();
    versions.sort();
    versions.pop().map(|(_, programs)| programs)
}

/// PostgreSQL refuses to be root: the user of its package then, and otherwise ourselves.
fn unprivileged_user() -> io::Result<Option<(u32, u32)>> {
    if fs::metadata("/proc/self")?.uid() != 0 {
        return Ok(None);
    }
    let mut users = String::new();
    fs::File::open("/etc/passwd")?.read_to_string(&mut users)?;
    let ids = |name: &str| {
        let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut fields = line.split(':').skip(2);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    };
    let found = ids("postgres").or_else(|| ids("nobody"));
    found.map(Some).ok_or_else(|| io::Error::new(ErrorKind::NotFound, "no unprivileged user for PostgreSQL"))
}

/// A short name: the path of a socket has 107 octets at most.
fn new_folder(owner: Option<(u32, u32)>) -> io::Result<PathBuf> {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    loop {
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("orc8r-pg-{}-{number}", std::process::id()));
        match fs::create_dir(&folder) {
            Ok(()) => {
                fs::set_permissions(&folder, fs::Permissions::from_mode(0o700))?;
                if let Some((user, group)) = owner {
                    std::os::unix::fs::chown(&folder, Some(user), Some(group))?;
                }
                return Ok(folder);
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
}

fn successful(program: &str, output: &Output) -> io::Result<()> {
    if output.status.success() {
        return Ok(());
    }
    Err(io::Error::other(format!("{program}: {}", String::from_utf8_lossy(&output.stderr).trim())))
}
