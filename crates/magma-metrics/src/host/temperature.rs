//! Temperatures: the sensors of `/sys/class/hwmon`, or else the zones of `/sys/class/thermal`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::{number, text};

/// Sensors that are reported at most.
const SENSORS_MAX: usize = 64;

/// One sensor's reading.
#[derive(Clone, Debug, PartialEq)]
pub struct Temperature {
    /// The chip's or zone's name and the sensor's place among those of that name: `coretemp_0`.
    pub sensor: String,
    /// In degrees Celsius.
    pub celsius: f64,
}

/// Reads all sensors below `/sys`.
pub fn temperatures(sys: &Path) -> Vec<Temperature> {
    let mut inputs = Vec::new();
    for chip in entries(&sys.join("class/hwmon")) {
        // Older kernels have the files one folder further down.
        inputs.extend([chip.clone(), chip.join("device")].iter().flat_map(|folder| sensors_of_chip(folder)));
    }
    let mut readings = named(inputs);
    if readings.is_empty() {
        let zones = entries(&sys.join("class/thermal")).into_iter();
        let zones = zones.filter(|zone| file_name(zone).starts_with("thermal_zone"));
        readings = named(zones.map(|zone| (zone.join("type"), zone.join("temp"))).collect());
    }
    readings
}

/// The file with the name and the file with the value of each sensor of a chip, in the order of their file names.
fn sensors_of_chip(folder: &Path) -> Vec<(PathBuf, PathBuf)> {
    let inputs = entries(folder).into_iter().filter(|path| {
        let name = file_name(path);
        name.starts_with("temp") && name.ends_with("_input")
    });
    inputs.map(|input| (folder.join("name"), input)).collect()
}

/// Reads each sensor and numbers those of one name. A sensor that cannot be read now keeps its number.
fn named(sensors: Vec<(PathBuf, PathBuf)>) -> Vec<Temperature> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut readings = Vec::new();
    for (name, value) in sensors.into_iter().take(SENSORS_MAX) {
        let Some(name) = text(&name).map(|name| name.trim().to_owned()) else { continue };
        let count = counts.entry(name.clone()).or_default();
        let sensor = format!("{name}_{count}");
        *count += 1;
        if let Some(thousandths) = number::<f64>(&value) {
            readings.push(Temperature { sensor, celsius: thousandths / 1000.0 });
        }
    }
    readings
}

/// What is in a folder, by name.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

fn file_name(path: &Path) -> &str {
    path.file_name().and_then(|name| name.to_str()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(files: &[(&str, &str)]) -> Vec<(String, f64)> {
        let sys = tempfile::tempdir().unwrap();
        for (file, text) in files {
            let path = sys.path().join("class").join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        temperatures(sys.path()).into_iter().map(|reading| (reading.sensor, reading.celsius)).collect()
    }

    #[test]
    fn sensors_are_numbered_within_their_chips_name() {
        let readings = read(&[
            ("hwmon/hwmon0/name", "coretemp\n"),
            ("hwmon/hwmon0/temp1_input", "41000\n"),
            ("hwmon/hwmon0/temp2_input", "broken"),
            ("hwmon/hwmon0/temp3_input", "43500\n"),
            ("hwmon/hwmon0/temp3_label", "Core 1\n"),
            ("hwmon/hwmon1/name", "coretemp\n"),
            ("hwmon/hwmon1/device/name", "old\n"),
            ("hwmon/hwmon1/temp1_input", "-5000\n"),
            ("hwmon/hwmon1/device/temp1_input", "20000\n"),
            ("hwmon/hwmon2/temp1_input", "1\n"),
            ("thermal/thermal_zone0/type", "zone\n"),
            ("thermal/thermal_zone0/temp", "9000\n"),
        ]);
        let expected = [("coretemp_0", 41.0), ("coretemp_2", 43.5), ("coretemp_3", -5.0), ("old_0", 20.0)];
        assert_eq!(readings, expected.map(|(sensor, celsius)| (sensor.to_owned(), celsius)));
    }

    #[test]
    fn zones_count_where_there_is_no_sensor() {
        let readings = read(&[
            ("thermal/thermal_zone0/type", "cpu-thermal\n"),
            ("thermal/thermal_zone0/temp", "45678\n"),
            ("thermal/cooling_device0/type", "fan\n"),
        ]);
        assert_eq!(readings, [("cpu-thermal_0".to_owned(), 45.678)]);
        assert!(temperatures(Path::new("/nonexistent")).is_empty());
    }
}
