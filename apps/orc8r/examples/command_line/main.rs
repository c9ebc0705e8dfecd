//! Writes what is made from the command line of `orc8r` into the repository: `cargo xtask completions`, or `man`.

mod files;

use std::io::Write;
use std::path::Path;

fn main() -> std::io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for (path, text) in files::files()? {
        let file = root.join(&path);
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(file, text)?;
        writeln!(std::io::stdout(), "wrote {path}")?;
    }
    Ok(())
}
